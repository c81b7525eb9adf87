import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../web-services/status.ts'
import { type BayeuxMessage, limits, parseMessages } from './bayeux.ts'
import type { Doorkeeper } from './doorkeeper.ts'
import type { Hub } from './hub.ts'
import { receive, type Sender } from './meta.ts'
import type { Sink, Subscriber } from './subscriber.ts'

export interface LongPollingDeps {
  hub: Hub
  doorkeeper: Doorkeeper
  /** The API's absolute address as this client sees it, ending in `/api/v2`. */
  apiRoot: (request: FastifyRequest) => string
}

/** Under these the routes are found: a client may append the message's type, bayeux.md §2. SPEC CD-1. */
const urls = ['/api/v2/notifications', '/api/v2/notifications/*']
const jsonTypes = ['application/json', 'text/json']
const formType = 'application/x-www-form-urlencoded'
/** A callback is a name or a path of names, so that nothing else can be said in it. */
const callbackName = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*){0,8}$/

/** The transports `long-polling` (POST) and `callback-polling` (GET). */
export const longPolling =
  ({ hub, doorkeeper, apiRoot }: LongPollingDeps): FastifyPluginAsync =>
  async (app) => {
    const asText = { parseAs: 'string', bodyLimit: limits.bodyBytes } as const
    app.removeAllContentTypeParsers()
    app.addContentTypeParser([...jsonTypes, formType], asText, (_request, body, done) => done(null, body))

    const answer = async (request: FastifyRequest, reply: FastifyReply, text: string, jsonp?: string) => {
      const parsed = parseMessages(text)
      if ('status' in parsed) throw new ApiError(10, parsed.why, parsed.status)
      const login = await doorkeeper.authenticate(request, reply, parsed.messages)
      const sender: Sender = { ...login, apiRoot: apiRoot(request), connectionTypes: doorkeeper.connectionTypes }
      // What a held request keeps in memory should not be its text.
      request.body = undefined
      reply.hijack()
      const sink = new HttpSink(hub, reply, jsonp)
      try {
        await answerAll(hub, parsed.messages, sender, sink)
      } catch (error) {
        request.log.error({ err: error }, 'unexpected error')
        sink.failed()
      }
    }

    for (const url of urls) {
      app.post<{ Body: unknown }>(url, { schema: { hide: true } }, async (request, reply) => {
        if (typeof request.body !== 'string') throw new ApiError(10, 'There is no message in the body', 400)
        const isForm = request.headers['content-type']?.startsWith(formType)
        if (isForm) doorkeeper.checkSite(request)
        await answer(request, reply, isForm ? messageOf(new URLSearchParams(request.body)) : request.body)
        return reply
      })
      app.get(url, { schema: { hide: true } }, async (request, reply) => {
        const query = new URLSearchParams(request.url.slice(request.url.indexOf('?') + 1))
        const jsonp = query.get('jsonp') ?? ''
        if (jsonp.length > 128 || !callbackName.test(jsonp)) throw new ApiError(10, 'jsonp must name a callback', 400)
        doorkeeper.checkSite(request)
        await answer(request, reply, messageOf(query), jsonp)
        return reply
      })
    }
  }

function messageOf(form: URLSearchParams): string {
  const message = form.get('message')
  if (message === null) throw new ApiError(1, 'message is missing', 400)
  return message
}

async function answerAll(hub: Hub, messages: readonly BayeuxMessage[], sender: Sender, sink: HttpSink): Promise<void> {
  const [first] = messages
  if (messages.length === 1 && first?.channel === '/meta/connect') {
    const text = await receive(hub, first, sender, sink)
    if (text !== undefined) sink.answer(`[${text}]`, hub.draining)
    return
  }
  const texts: string[] = []
  // One after the other: a client may subscribe twice and unsubscribe once in one request.
  for (const message of messages) texts.push((await receive(hub, message, sender, undefined)) ?? '')
  sink.answer(`[${texts.join(',')}]`, hub.draining)
}

/** One HTTP response. It is written once. */
class HttpSink implements Sink {
  readonly #response: ServerResponse
  readonly #headers: OutgoingHttpHeaders | undefined
  readonly #jsonp: string | undefined
  readonly #hub: Hub
  readonly lasting = false

  constructor(hub: Hub, reply: FastifyReply, jsonp: string | undefined) {
    this.#hub = hub
    this.#response = reply.raw
    const headers = reply.getHeaders() as OutgoingHttpHeaders
    this.#headers = Object.keys(headers).length > 0 ? headers : undefined
    this.#jsonp = jsonp
  }

  hold(sub: Subscriber): void {
    const closed = () => this.#hub.closed(sub, this)
    if (this.#response.destroyed) closed()
    else this.#response.on('close', closed) // `once` costs a third more, and saying it twice does no harm
  }

  answer(json: string, final: boolean): void {
    this.#write(200, json, final)
  }

  superseded(json: string): void {
    this.#write(500, json, true)
  }

  failed(): void {
    this.#write(500, '{"statusCode":4,"statusMessage":"Internal error"}', true)
  }

  #write(status: number, json: string, final: boolean): void {
    const response = this.#response
    if (response.headersSent || response.destroyed) return
    const body = this.#jsonp === undefined ? json : `/**/${this.#jsonp}(${forScript(json)});`
    response.writeHead(status, {
      ...this.#headers,
      'content-type': this.#jsonp === undefined ? 'application/json;charset=UTF-8' : 'text/javascript;charset=UTF-8',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(final && { connection: 'close' }),
    })
    response.end(body)
  }
}

// Line ends to a script of before 2019, but not to JSON.
function forScript(json: string): string {
  return json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}
