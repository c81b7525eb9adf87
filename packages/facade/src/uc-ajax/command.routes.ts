import type { FastifyPluginAsync } from 'fastify'
import type { Commands } from './commands.ts'
import { requestsOf } from './http-body.ts'
import { sendXml } from './http-errors.ts'
import type { UcAjaxOptions } from './options.ts'
import { printResponses } from './print.ts'
import { bearerOf } from './ticket-hook.ts'

export interface CommandDeps {
  commands: Pick<Commands, 'answer'>
  options: Pick<UcAjaxOptions, 'namespace' | 'strict'>
}

/** The command channel, uc-ajax-api §1.1: requests in, and what can be said of them at once. */
export const commandRoutes =
  ({ commands, options }: CommandDeps): FastifyPluginAsync =>
  async (app) => {
    app.post('/maincommandhandler.ashx', { schema: { hide: true } }, async (request, reply) => {
      const who = bearerOf(request)
      const requests = requestsOf(request, 'command', options)
      return sendXml(reply, printResponses(await commands.answer(requests, who), options))
    })
  }
