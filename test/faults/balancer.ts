import { Agent, createServer, request as forward, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'

/** Where a node listens. */
export interface Target {
  host: string
  port: number
}

/** A load balancer without stickiness: every HTTP request, and every WebSocket, goes to the next node. */
export class Balancer {
  readonly #targets: () => readonly Target[]
  readonly #server: Server
  readonly #agent = new Agent({ keepAlive: true })
  #next = 0

  private constructor(targets: () => readonly Target[]) {
    this.#targets = targets
    this.#server = createServer((request, response) => {
      const { host, port } = this.#choose()
      const { method, url, headers } = request
      const onward = forward({ host, port, method, path: url, headers, agent: this.#agent }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
        answer.pipe(response)
        answer.on('error', () => response.destroy())
      })
      onward.on('error', () => {
        // A node that is gone: no answer of ours could be told from the node's own.
        response.destroy()
      })
      response.on('close', () => onward.destroy())
      request.pipe(onward)
    })
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    this.#server.keepAliveTimeout = 60_000
  }

  /** Listens on a free port of `host`. */
  static async start(host: string, targets: () => readonly Target[]): Promise<Balancer> {
    const balancer = new Balancer(targets)
    await new Promise<void>((resolve) => balancer.#server.listen(0, host, resolve))
    return balancer
  }

  get target(): Target {
    const { address, port } = this.#server.address() as AddressInfo
    return { host: address, port }
  }

  async stop(): Promise<void> {
    this.#agent.destroy()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #choose(): Target {
    const targets = this.#targets()
    const chosen = targets[this.#next++ % targets.length]
    if (!chosen) throw new Error('no node is alive')
    return chosen
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const node = connect(this.#choose())
    node.on('connect', () => {
      const lines = [`${request.method} ${request.url} HTTP/1.1`]
      for (let i = 0; i < request.rawHeaders.length; i += 2)
        lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`)
      node.write(`${lines.join('\r\n')}\r\n\r\n`)
      node.write(head)
      node.pipe(socket)
      socket.pipe(node)
    })
    for (const [one, other] of [
      [node, socket],
      [socket, node],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  }
}
