import { AckExtension, CometD, type Message } from 'cometd'
import { adapt } from 'cometd-nodejs-client'

// Without a cookie jar: the client's own is one for all clients of a process.
const noCookies = {
  storeCookie: (_uri: unknown, _cookie: unknown, done: (...results: unknown[]) => void) => done(null, null),
  retrieveCookies: (_context: unknown, _uri: unknown, done: (...results: unknown[]) => void) => done(null, []),
}
adapt({ cookies: noCookies } as never)

export type Transport = 'websocket' | 'long-polling'
export interface Kind {
  transport: Transport
  ack: boolean
}
/** Every way the client of our users can be set up. */
export const kinds: readonly Kind[] = (['long-polling', 'websocket'] as const).flatMap((transport) =>
  [true, false].map((ack) => ({ transport, ack })),
)

/** The stock client, and what it has heard. */
export interface Client {
  cometd: CometD
  texts: string[]
  gaps: Message[]
  /** Messages of the channels it listened to, as they came. */
  messages: Message[]
  handshakes: number
  /** When connects succeeded after one had failed, `performance.now()`. */
  resumed: number[]
  failed: Message[]
}

/** Handshakes and subscribes in the handshake's listener, as the documentation says; resolves when the subscriptions stand. */
export async function connect(
  url: string,
  { transport, ack }: Kind,
  { channels = ['/v2/me/im-sessions'], user = 'anna' }: { channels?: readonly string[]; user?: string } = {},
): Promise<Client> {
  const cometd = new CometD()
  const client: Client = { cometd, texts: [], gaps: [], messages: [], handshakes: 0, resumed: [], failed: [] }
  for (const type of cometd.getTransportTypes()) if (type !== transport) cometd.unregisterTransport(type)
  if (ack) cometd.registerExtension('ack', new AckExtension())
  cometd.configure({
    url: transport === 'websocket' ? url.replace('://', `://${user}:${user}@`) : url,
    requestHeaders: { Authorization: `Basic ${Buffer.from(`${user}:${user}`).toString('base64')}` },
    backoffIncrement: 100,
    maxNetworkDelay: 3_000,
    logLevel: 'warn',
  })
  const onMessage = (message: Message) => {
    client.messages.push(message)
    const data = message.data as { messageType: string; message?: string }
    if (data.messageType === 'IMLogUpdateMessage') client.texts.push(data.message ?? '')
    if (data.messageType === 'IMSessionGapMessage') client.gaps.push(message)
  }
  let broken = false
  cometd.addListener('/meta/connect', (message: Message) => {
    if (!message.successful) client.failed.push(message)
    else if (broken) client.resumed.push(performance.now())
    broken = !message.successful
  })
  await new Promise<void>((resolve, reject) => {
    cometd.addListener('/meta/handshake', (message: Message) => {
      if (!message.successful) return reject(new Error(JSON.stringify(message)))
      client.handshakes++
      const done = channels.map(
        (channel) => new Promise<void>((subscribed) => void cometd.subscribe(channel, onMessage, () => subscribed())),
      )
      Promise.all(done).then(() => resolve(), reject)
    })
    cometd.handshake()
  })
  return client
}

export function disconnect({ cometd }: Client): Promise<void> {
  return new Promise((resolve) => cometd.disconnect(() => resolve()))
}

/** Waits until it is so; says what it was when it never became so. */
export async function until(what: string, isSo: () => boolean, ms = 10_000): Promise<void> {
  const end = performance.now() + ms
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
