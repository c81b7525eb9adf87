import { TServerError } from '@ringdown/signalling'
import type { Login } from '../login.ts'
import {
  askedTimeout,
  type BayeuxMessage,
  bayeuxError,
  extOf,
  printReply,
  type Reply,
  sessionUnknown,
  stringsOf,
} from './bayeux.ts'
import { patternOf, topics } from './channel.ts'
import { timesyncReply } from './connect-reply.ts'
import { handshake } from './handshake.ts'
import type { Hub } from './hub.ts'
import { printPosition } from './position.ts'
import type { Sink } from './subscriber.ts'
import { parseReplay, type TopicChange } from './topic-change.ts'

/** Who sends a message, and how. */
export interface Sender {
  /** Undefined: nobody we know. */
  login: Login | undefined
  /** What stands for the login when it comes back: its HTTP session, or its person where it keeps no cookie. */
  loginID: string
  /** The API's absolute address as this client sees it, ending in `/api/v2`. */
  apiRoot: string
  /** The connection types that may be offered to it. */
  connectionTypes: readonly string[]
}

/** The most subscriptions of one message; there are not many more patterns that can be subscribed. */
const subscriptionsPerMessage = 32

/**
 * Carries out one message. Resolves to the JSON texts of its replies, or to undefined when a connect is held or has been answered through
 * `sink`: only a connect that is alone in its request is given one. Never rejects: a store that does not answer is a reply as well.
 */
export async function receive(
  hub: Hub,
  message: BayeuxMessage,
  sender: Sender,
  sink: Sink | undefined,
): Promise<string | undefined> {
  try {
    if (message.channel === '/meta/connect') return await onConnect(hub, message, sender, sink)
    return printReply(message, withTimesync(message, hub, await replyTo(hub, message, sender)))
  } catch (error) {
    if (error instanceof TServerError) return printReply(message, unavailable(message))
    throw error
  }
}

async function replyTo(hub: Hub, message: BayeuxMessage, sender: Sender): Promise<Reply> {
  switch (message.channel) {
    case '/meta/handshake':
      return handshake(hub, message, sender)
    case '/meta/subscribe':
    case '/meta/unsubscribe':
      return onTopics(hub, message, sender)
    case '/meta/disconnect':
      return onDisconnect(hub, message, sender)
    default:
      return onPublish(hub, message, sender)
  }
}

async function onConnect(
  hub: Hub,
  message: BayeuxMessage,
  { login, apiRoot }: Sender,
  sink: Sink | undefined,
): Promise<string | undefined> {
  const { clientId, id } = message
  if (login) {
    const { centre, person } = login
    const held = { id, advised: message.advice !== undefined, timesync: extOf(message, 'timesync') }
    const says = { timeout: askedTimeout(message), echo: extOf(message, 'ack') }
    // What turns out to be served elsewhere is adopted, and then cannot turn out so again but by another move.
    for (let attempt = 0; attempt < 3; attempt++) {
      const sub = hub.find(clientId, centre, person.id) ?? (await hub.adopt(clientId, login, apiRoot, says))
      if (!sub) break
      if (hub.needsProof(sub, says, sink) && !(await hub.prove(sub, says))) continue
      if (!sink) {
        const texts = await hub.connectAtOnce(sub, held, says)
        if (texts !== undefined) return texts
      } else if (hub.connect(sub, { ...held, sink }, says)) return undefined
    }
  }
  return printReply(message, sessionUnknown)
}

/** The same for everything but a connect, without an advice. */
const unknownSession = sessionUnknown.error

async function onTopics(hub: Hub, message: BayeuxMessage, { login }: Sender): Promise<Reply> {
  const { channel, clientId, subscription } = message
  const unknown = { successful: false, error: unknownSession, subscription: echoed(subscription) }
  if (!login || typeof clientId !== 'string' || !(await isServed(hub, clientId, login))) return unknown
  const names = stringsOf(subscription)
  if (!names || names.length === 0) return { successful: false, error: bayeuxError(400, 'subscription_missing') }
  const refused = names.length > subscriptionsPerMessage ? '' : names.find((name) => !patternOf(name))
  if (refused !== undefined)
    return { successful: false, error: unknownTopic(refused), subscription: echoed(subscription) }

  const { centre, person } = login
  const change = async (change: TopicChange) => hub.changeTopics(centre, clientId, person.id, change)
  if (channel === '/meta/unsubscribe') {
    if (!(await change({ op: 'unsubscribe', patterns: names }))) return unknown
    return { successful: true, clientId, subscription }
  }
  const asked = extOf(message, 'replay')
  // Served here, the end as this node knows it will do: what is later is said, and what is earlier was not subscribed.
  const feed =
    (asked === undefined && hub.find(clientId, centre, person.id)?.feed) ||
    (await hub.feeds.with(centre, person.id, async ({ epoch, end }) => ({ epoch, end })))
  const replay = parseReplay(asked, feed)
  if (!replay) return { successful: false, error: bayeuxError(400, 'replay_position_malformed'), subscription }
  if (!(await change({ op: 'subscribe', patterns: names, end: feed.end, replay }))) return unknown
  if (asked === undefined) return { successful: true, clientId, subscription }
  // Who asks for a replay keeps positions, and should have one before there is any event.
  const covered = topics.filter((_, topic) => names.some((name) => (patternOf(name)?.covers ?? 0) & (1 << topic)))
  const starts = covered.map((topic) => {
    const { gap, offset } = replay[topics.indexOf(topic)] ?? { offset: feed.end }
    return [topic, gap ?? printPosition(feed.epoch, offset)]
  })
  return { successful: true, clientId, subscription, ext: { replay: Object.fromEntries(starts) } }
}

/** Whether the session is the login's and is served, here or by another node. */
async function isServed(hub: Hub, clientId: unknown, { centre, person }: Login): Promise<boolean> {
  if (hub.find(clientId, centre, person.id)) return true
  if (typeof clientId !== 'string' || clientId.length > 64) return false
  const record = await hub.records.read(centre, clientId, person.id)
  return record !== undefined && !record.gone
}

async function onDisconnect(hub: Hub, { clientId }: BayeuxMessage, { login, loginID }: Sender): Promise<Reply> {
  if (!login || typeof clientId !== 'string' || !(await isServed(hub, clientId, login)))
    return { successful: false, error: unknownSession }
  const { centre, person } = login
  const listed = hub.find(clientId, centre, person.id)?.loginID ?? loginID
  await hub.disconnect(centre, clientId, person.id)
  await hub.logins.change(centre, listed, hub.records.ttl(centre), (entries) =>
    entries.filter((entry) => entry.clientID !== clientId),
  )
  return { successful: true, clientId }
}

/** SPEC CD-13: clients say things by REST; nothing is ever published by them. */
async function onPublish(hub: Hub, { channel, clientId }: BayeuxMessage, { login }: Sender): Promise<Reply> {
  if (!login || !(await isServed(hub, clientId, login))) return { successful: false, error: unknownSession }
  if (channel.startsWith('/meta/')) return { successful: false, error: bayeuxError(404, 'unknown_meta_channel') }
  return { successful: false, error: bayeuxError(403, 'publish_denied') }
}

function unknownTopic(name: string): string {
  const text = `unknown channel; subscribe to ${topics.join(', ')}, /v2/me/* or /**`
  return bayeuxError(403, text, name.replaceAll(/[:,]/g, '').slice(0, 64))
}

/** A refused subscription is echoed only where it is as small as an honest one. */
function echoed(subscription: unknown): unknown {
  const names = stringsOf(subscription)
  const small = names && names.length <= subscriptionsPerMessage && names.every((name) => name.length <= 256)
  return small ? subscription : undefined
}

/** The session store does not answer: nothing is lost, the client tries again in a second. */
function unavailable({ channel }: BayeuxMessage): Reply {
  const reconnect = channel === '/meta/handshake' ? 'handshake' : 'retry'
  const advised = channel === '/meta/handshake' || channel === '/meta/connect'
  const error = bayeuxError(503, 'session_store_unavailable')
  return { successful: false, error, advice: advised ? { reconnect, interval: 1_000 } : undefined }
}

function withTimesync(message: BayeuxMessage, hub: Hub, reply: Reply): Reply {
  const timesync = extOf(message, 'timesync')
  if (timesync === undefined || !message.channel.startsWith('/meta/')) return reply
  return { ...reply, ext: { ...reply.ext, ...timesyncReply(timesync, hub.clock.now()) } }
}
