import { WebSocket } from 'ws'
import { trusting } from './rest.ts'

interface BayeuxMessage {
  channel?: string
  clientId?: string
  successful?: boolean
  error?: string
  data?: { message?: unknown }
}

export interface ListenerOptions {
  address: string
  certificate: string | undefined
  /** The login. */
  headers: Readonly<Record<string, string>>
  onText: (text: string) => void
  /** It hears no more; a few words why. */
  onFault: (why: string) => void
}

/** A CometD client of one agent over a WebSocket. */
export interface Listener {
  close(): void
}

/** Connects, and resolves once texts are heard. Rejects where that fails. */
export function listen({ address, certificate, headers, onText, onFault }: ListenerOptions): Promise<Listener> {
  const url = `${address.replace(/^http/, 'ws')}/api/v2/notifications`
  const socket = new WebSocket(url, {
    headers,
    perMessageDeflate: false,
    handshakeTimeout: 10_000,
    ...(certificate !== undefined && trusting(certificate)),
  })
  const heard = Promise.withResolvers<Listener>()
  let closed = false
  let clientId: string | undefined
  const listener: Listener = {
    close() {
      closed = true
      socket.terminate()
    },
  }
  const fault = (why: string) => {
    if (closed) return
    listener.close()
    heard.reject(new Error(why))
    onFault(why)
  }
  const say = (channel: string, fields: object) => socket.send(JSON.stringify([{ channel, clientId, ...fields }]))
  const connect = () => say('/meta/connect', { connectionType: 'websocket' })

  const hear = (message: BayeuxMessage) => {
    if (typeof message.data?.message === 'string') return onText(message.data.message)
    if (message.data !== undefined) return
    if (message.successful !== true) return fault(`${message.channel} failed: ${message.error}`)
    if (message.channel === '/meta/handshake') {
      clientId = message.clientId
      return say('/meta/subscribe', { subscription: '/v2/me/im-sessions' })
    }
    if (message.channel === '/meta/subscribe') heard.resolve(listener)
    connect()
  }
  socket.on('open', () => say('/meta/handshake', { version: '1.0', supportedConnectionTypes: ['websocket'] }))
  socket.on('message', (bytes: Buffer) => {
    if (!closed) for (const message of JSON.parse(bytes.toString()) as readonly BayeuxMessage[]) hear(message)
  })
  socket.on('error', (error) => fault(error.message))
  socket.on('close', (code) => fault(`the server closed the connection with code ${code}`))
  return heard.promise
}
