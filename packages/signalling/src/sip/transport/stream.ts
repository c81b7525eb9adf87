import type { Socket } from 'node:net'
import { StreamFramer } from '../message/framer.ts'
import { ConnectionFlow, type Pipe } from './connection-flow.ts'
import type { Hub } from './hub.ts'
import { corker, describe, type SocketParts } from './socket.ts'

/** RFC 5626 §3.5.1. */
const ping = Buffer.from('\r\n\r\n')
const pong = Buffer.from('\r\n')

/** Makes a flow of a connected TCP or TLS socket; undefined where it is gone already. */
export function attachStream(hub: Hub, socket: Socket, parts: SocketParts): ConnectionFlow | undefined {
  socket.on('error', () => {}) // Its close follows, and tells.
  const connection = describe(socket, parts, !parts.inbound)
  if (!connection) {
    socket.destroy()
    return undefined
  }
  const flow = new ConnectionFlow(hub, new SocketPipe(socket), connection)
  const framer = new StreamFramer(hub.limits.message, flow.remote)
  socket.on('data', (bytes: Buffer) => {
    if (!flow.open) return
    try {
      receive(flow, framer, bytes)
    } catch (error) {
      hub.fail(error, flow)
      flow.drop('malformed') // Where the next message begins is not known any more.
    }
  })
  socket.on('drain', () => flow.drained())
  socket.once('close', () => flow.gone())
  return flow
}

function receive(flow: ConnectionFlow, framer: StreamFramer, bytes: Buffer): void {
  for (const framed of framer.push(bytes)) {
    if (!flow.open) return
    switch (framed.kind) {
      case 'message':
        flow.message(framed.message)
        break
      case 'fault':
        flow.fault(framed)
        break
      case 'ping':
        // Two answers in a row to questions of ours look like a question: CRLF, and CRLF again.
        if (flow.asking && bytes.length === pong.length) flow.ponged()
        else flow.pinged(pong)
        break
      case 'pong':
        flow.ponged()
        break
    }
  }
  flow.heard(framer.pending)
}

class SocketPipe implements Pipe {
  readonly #socket: Socket
  readonly #cork: () => void

  constructor(socket: Socket) {
    this.#socket = socket
    this.#cork = corker(socket)
  }

  get queued(): number {
    return this.#socket.writableLength
  }

  write(bytes: Uint8Array): void {
    this.#cork()
    this.#socket.write(bytes)
  }

  ping(): void {
    this.write(ping)
  }

  end(): void {
    this.#socket.destroySoon()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
