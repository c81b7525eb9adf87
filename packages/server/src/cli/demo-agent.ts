import { setTimeout as sleep } from 'node:timers/promises'

/** One Bayeux message, as far as the demo looks into it. */
interface BayeuxMessage {
  channel?: string
  clientId?: string
  successful?: boolean
  error?: string
  data?: Notification
}

/** A notification of Web Services. */
export interface Notification {
  messageType: string
  notificationType?: string
  message?: string
  imSession?: { id: string; state: string; userData?: Readonly<Record<string, unknown>> }
  imSessionPath?: string
  devices?: readonly { phoneNumber?: string; userState?: { displayName?: string } }[]
}

/** A client as an integrator would write it: REST by fetch, CometD by long-polling. */
export interface DemoAgent {
  userName: string
  post(path: string, body: Readonly<Record<string, unknown>>): Promise<void>
  /** Handshakes, subscribes and polls until `leave`. */
  listen(on: (notification: Notification) => void): Promise<void>
  leave(): Promise<void>
}

/** Logs in as somebody at the server; each request carries the credentials. */
export function demoAgent(address: string, userName: string, password: string): DemoAgent {
  const headers = {
    authorization: `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`,
    'content-type': 'application/json',
  }
  let clientId: string | undefined
  let polling: Promise<void> | undefined
  let left = false

  async function send(path: string, body: unknown): Promise<Response> {
    return fetch(`${address}/api/v2${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  }
  async function bayeux(message: Readonly<Record<string, unknown>>): Promise<readonly BayeuxMessage[]> {
    const reply = await send('/notifications', [{ ...message, ...(clientId !== undefined && { clientId }) }])
    const messages = (await reply.json()) as readonly BayeuxMessage[]
    const answer = messages.find(({ channel }) => channel === message.channel)
    if (answer?.successful !== true)
      throw new Error(`${userName}: ${message.channel} failed: ${answer?.error ?? `HTTP ${reply.status}`}`)
    clientId ??= answer.clientId
    return messages
  }

  return {
    userName,
    async post(path, body) {
      const reply = await send(path, body)
      const { statusCode, statusMessage } = (await reply.json()) as { statusCode: number; statusMessage?: string }
      if (statusCode !== 0) throw new Error(`${userName}: POST ${path} failed: ${statusMessage ?? statusCode}`)
    },
    async listen(on) {
      await bayeux({
        channel: '/meta/handshake',
        version: '1.0',
        supportedConnectionTypes: ['long-polling'],
      })
      await bayeux({ channel: '/meta/subscribe', subscription: '/v2/me/*' })
      const poll = async () => {
        for (let first = true; !left; first = false) {
          const connect = { channel: '/meta/connect', connectionType: 'long-polling' }
          const messages = await bayeux(first ? { ...connect, advice: { timeout: 0 } } : connect)
          for (const { data } of messages) {
            if (data) on(data)
          }
        }
      }
      polling = poll().catch(async (error: unknown) => {
        if (!left) throw error
      })
      await sleep(20)
    },
    async leave() {
      left = true
      await bayeux({ channel: '/meta/disconnect' })
      await polling
    },
  }
}
