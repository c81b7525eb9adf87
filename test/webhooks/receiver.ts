import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Webhook } from 'standardwebhooks'

/** A delivery whose signature the library of Standard Webhooks has verified. */
export interface Delivery {
  id: string
  type: string
  sessionId?: string
  data: { messageId?: string; position?: number; from?: unknown; to?: unknown; message?: string }
  /** How it was answered. */
  answer: Behaviour
}

/** What a receiver does with a request. */
export type Behaviour = 'take' | 'fail' | 'reset' | 'hang' | 'redirect' | 'drip'

/** A target of webhooks on loopback that does as it is told, and writes down what it got. */
export class Receiver {
  /** In the order they came. */
  readonly got: Delivery[] = []
  /** What was wrong with a request. */
  readonly complaints: string[] = []
  behave: (delivery: Omit<Delivery, 'answer'>) => Behaviour = () => 'take'
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #verifier: Webhook

  private constructor(secret: string) {
    this.#verifier = new Webhook(secret)
    this.#server = createServer((request, response) => this.#read(request, response))
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      socket.on('error', () => undefined)
    })
  }

  static async start(secret: string): Promise<Receiver> {
    const receiver = new Receiver(secret)
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`
  }

  /** Deliveries that were taken, in order. */
  get taken(): Delivery[] {
    return this.got.filter(({ answer }) => answer === 'take')
  }

  stop(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #read(request: IncomingMessage, response: ServerResponse): void {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => this.#answer(request, body, response))
  }

  #answer({ headers, url }: IncomingMessage, body: string, response: ServerResponse): void {
    if (url !== '/hook') this.complaints.push(`a request went to ${url}`)
    let delivery: Omit<Delivery, 'answer'>
    try {
      delivery = this.#verifier.verify(body, headers as Record<string, string>) as typeof delivery
      if (delivery.id !== headers['webhook-id']) this.complaints.push('the id of the body is another one')
    } catch (error) {
      this.complaints.push(String(error))
      response.writeHead(401).end()
      return
    }
    const answer = this.behave(delivery)
    this.got.push({ ...delivery, answer })
    switch (answer) {
      case 'take':
        response.writeHead(204).end()
        return
      case 'fail':
        response.writeHead(500).end('no')
        return
      case 'reset':
        response.socket?.resetAndDestroy()
        return
      case 'redirect':
        response.writeHead(307, { location: '/elsewhere' }).end()
        return
      case 'drip': {
        const drip = setInterval(() => response.socket?.write('H'), 30)
        response.socket?.once('close', () => clearInterval(drip))
        return
      }
      case 'hang':
    }
  }
}
