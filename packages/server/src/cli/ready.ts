import { readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIPv6 } from 'node:net'
import { trusting } from '../load-run/rest.ts'
import { type Command, configOption } from './command.ts'
import { CommandError, type Io } from './io.ts'
import { configFile, readConfig } from './read-config.ts'

export const readyCommand: Command = {
  name: 'ready',
  operands: { text: '[file]', most: 1 },
  what: 'ask the server of a configuration whether it takes requests',
  more: 'Exit code 0 when it does. For health checks of containers and for scripts: nothing else has to be installed to ask.',
  options: { ...configOption, port: { value: 'number', what: 'it was started to listen here instead of http.port' } },
  run: (line, io) => ready(line.config(line.operands[0]), line.number('port', 1, 65_535), io),
}

/** Longer than the server needs to notice a store that hangs. */
const patienceMs = 2_500
const longestAnswer = 4_096

async function ready(asked: string | undefined, port: number | undefined, io: Io): Promise<number> {
  const file = configFile(asked, io)
  const http = file === undefined ? { host: '127.0.0.1', port: 8080 } : readConfig(file, io).config.http
  const certificate = 'tls' in http && http.tls ? readFileSync(http.tls.certFile, 'utf8') : undefined
  const address = `${certificate ? 'https' : 'http'}://${here(http.host)}:${port ?? http.port}`
  const { status, body } = await ask(`${address}/health/ready`, certificate).catch((error: unknown) => {
    throw new CommandError(`${address} does not answer: ${error instanceof Error ? error.message : error}`)
  })
  if (status !== 200) throw new CommandError(`${address} is not ready: ${reason(body)}`)
  io.out(`${address} is ready`)
  return 0
}

/** Where this machine reaches what listens at that address. */
function here(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return isIPv6(host) ? `[${host}]` : host
}

function ask(url: string, certificate: string | undefined): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const onAnswer: Parameters<typeof httpRequest>[2] = (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        body = (body + chunk).slice(0, longestAnswer)
      })
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body }))
      answer.once('error', reject)
    }
    const signal = AbortSignal.timeout(patienceMs)
    const request =
      certificate === undefined
        ? httpRequest(url, { agent: false, signal }, onAnswer)
        : httpsRequest(url, { agent: false, signal, ...trusting(certificate) }, onAnswer)
    request.once('error', reject)
    request.end()
  })
}

function reason(body: string): string {
  try {
    const { trouble } = JSON.parse(body) as { trouble: readonly unknown[] }
    return trouble.join(', ')
  } catch {
    return 'something else listens there'
  }
}
