import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'

/** A span as it came over OTLP/HTTP in JSON. */
export interface ReceivedSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  status?: { code?: number }
  attributes: Readonly<Record<string, unknown>>
}

interface KeyValue {
  key: string
  value: Readonly<Record<string, unknown>>
}
interface TraceRequest {
  resourceSpans: {
    resource: { attributes: KeyValue[] }
    scopeSpans: { spans: (Omit<ReceivedSpan, 'attributes'> & { attributes?: KeyValue[] })[] }[]
  }[]
}

const plain = (attributes: readonly KeyValue[] = []) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

/** What it does with a request: takes it, answers with a status, or never answers. */
export type Manner = 'takes' | 'hangs' | 500 | 503

/** A collector of OTLP/HTTP with manners that can be changed. */
export class Collector {
  readonly spans: ReceivedSpan[] = []
  readonly requests: { path: string; authorization: string | undefined; resource: Record<string, unknown> }[] = []
  /** Every byte that came, for what must not be among them. */
  raw = ''
  manner: Manner = 'takes'
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor() {
    this.#server = createHttpServer((request, response) => {
      let body = ''
      request.setEncoding('utf8')
      request.on('data', (text: string) => {
        body += text
      })
      request.on('end', () => {
        if (this.manner === 'hangs') return
        if (this.manner !== 'takes') return void response.writeHead(this.manner).end()
        this.#take(body, request.url ?? '', request.headers.authorization)
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      })
    })
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  static async open(manner: Manner = 'takes'): Promise<Collector> {
    const collector = new Collector()
    collector.manner = manner
    collector.#server.listen(0, '127.0.0.1')
    await once(collector.#server, 'listening')
    return collector
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}/v1/traces`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #take(body: string, path: string, authorization: string | undefined): void {
    this.raw += body
    for (const { resource, scopeSpans } of (JSON.parse(body) as TraceRequest).resourceSpans) {
      this.requests.push({ path, authorization, resource: plain(resource.attributes) })
      for (const { spans } of scopeSpans)
        this.spans.push(...spans.map((span) => ({ ...span, attributes: plain(span.attributes) })))
    }
  }
}

/** A port at which nothing has ever listened since it was asked for. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
