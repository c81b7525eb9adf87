import { TServerError } from '@ringdown/signalling'
import type { Login } from '../login.ts'
import {
  type Advice,
  askedTimeout,
  type BayeuxMessage,
  bayeuxError,
  extOf,
  printReply,
  type Reply,
  stringsOf,
} from './bayeux.ts'
import { patternOf, topics } from './channel.ts'
import { handshake } from './handshake.ts'
import { type Hub, timesyncReply } from './hub.ts'
import type { SessionRecord } from './record.ts'
import type { Sink, Subscriber } from './subscriber.ts'
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
 * Carries out one message. Resolves to the JSON texts of its replies, or undefined when a connect is held or has been answered through
 * `hold`: only a connect that is alone in its request is given one. Never rejects: a store that does not answer is a reply as well.
 */
export async function receive(
  hub: Hub,
  message: BayeuxMessage,
  sender: Sender,
  hold: ((sub: Subscriber) => Sink) | undefined,
): Promise<string | undefined> {
  try {
    if (message.channel === '/meta/connect') return await onConnect(hub, message, sender, hold)
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
  hold: ((sub: Subscriber) => Sink) | undefined,
): Promise<string | undefined> {
  const { clientId, id } = message
  if (login) {
    const { centre, person } = login
    const asked = askedTimeout(message)
    const held = { id, advised: message.advice !== undefined, timesync: extOf(message, 'timesync') }
    // Twice: what was served elsewhere in the meantime is adopted again, and then cannot be so a second time.
    for (let attempt = 0; attempt < 2; attempt++) {
      const sub = hub.find(clientId, centre, person.id) ?? (await hub.adopt(clientId, centre, person.id, apiRoot))
      if (!sub) break
      const says = { timeout: asked, echo: extOf(message, 'ack') }
      if (!hold) {
        const texts = await hub.connectAtOnce(sub, held, says)
        if (texts !== undefined) return texts
      } else if (hub.connect(sub, { ...held, sink: hold(sub) }, says)) return undefined
    }
  }
  const advice: Advice = { reconnect: 'handshake', interval: 0 }
  return printReply(message, { successful: false, error: unknownSession, advice })
}

/** SPEC CD-6: told to whoever uses a session that is not there, or not theirs; nobody can tell which. */
export const unknownSession = bayeuxError(402, 'session_unknown')

async function onTopics(hub: Hub, message: BayeuxMessage, { login }: Sender): Promise<Reply> {
  const { channel, clientId, subscription } = message
  const found = login && (await findSession(hub, clientId, login))
  if (!login || !found) return { successful: false, error: unknownSession, subscription: echoed(subscription) }
  const names = stringsOf(subscription)
  if (!names || names.length === 0) return { successful: false, error: bayeuxError(400, 'subscription_missing') }
  const refused = names.length > subscriptionsPerMessage ? '' : names.find((name) => !patternOf(name))
  if (refused !== undefined)
    return { successful: false, error: unknownTopic(refused), subscription: echoed(subscription) }

  const op = channel === '/meta/subscribe' ? 'subscribe' : 'unsubscribe'
  const done = await changeTopics(hub, found, login, op, names, message)
  if (!done) return { successful: false, error: bayeuxError(400, 'replay_position_malformed'), subscription }
  return { successful: true, clientId: found.clientID, subscription, ...(done !== true && { ext: { replay: done } }) }
}

/** A session served here, or the record of one that another node serves: two connections of one client must not bounce it. */
type Found = { clientID: string; sub: Subscriber } | { clientID: string; sub?: never; record: SessionRecord }

async function findSession(hub: Hub, clientId: unknown, { centre, person }: Login): Promise<Found | undefined> {
  const sub = hub.find(clientId, centre, person.id)
  if (sub) return { clientID: sub.clientID, sub }
  const record = await hub.record(centre, clientId, person.id)
  return record && !record.gone ? { clientID: clientId as string, record } : undefined
}

/** False when the replay is malformed; when one was asked for, where each topic begins, so that a client has a position before any event. */
async function changeTopics(
  hub: Hub,
  found: Found,
  { centre, person }: Login,
  op: TopicChange['op'],
  patterns: readonly string[],
  message: BayeuxMessage,
): Promise<boolean | Record<string, string>> {
  const apply = (change: TopicChange) =>
    found.sub ? hub.change(found.sub, change) : hub.changeElsewhere(centre, found.clientID, found.record, change)
  if (op === 'unsubscribe') {
    await apply({ op, patterns })
    return true
  }
  const asked = extOf(message, 'replay')
  // Without a replay the end as this node knows it will do: what is later is said, what is earlier was not subscribed.
  const feed =
    found.sub && asked === undefined
      ? found.sub.feed
      : await hub.withFeed(centre, person.id, async ({ epoch, end }) => ({ epoch, end }))
  const replay = parseReplay(asked, feed)
  if (!replay) return false
  await apply({ op, patterns, end: feed.end, replay })
  if (asked === undefined) return true
  const starts = topics.map((topic, i) => [topic, `${feed.epoch}:${replay[i]?.offset ?? feed.end}`] as const)
  return Object.fromEntries(starts.filter((_, i) => patterns.some((name) => (patternOf(name)?.covers ?? 0) & (1 << i))))
}

async function onDisconnect(hub: Hub, { clientId }: BayeuxMessage, { login }: Sender): Promise<Reply> {
  const found = login && (await findSession(hub, clientId, login))
  if (!login || !found) return { successful: false, error: unknownSession }
  const { clientID, sub } = found
  const loginID = sub ? sub.loginID : found.record.loginID
  await hub.disconnect(login.centre, clientID, sub ? hub.node : found.record.node)
  await hub.logins.change(login.centre, loginID, hub.ttl(login.centre), (entries) =>
    entries.filter((entry) => entry.clientID !== clientID),
  )
  return { successful: true, clientId: clientID }
}

/** SPEC CD-13: clients say things by REST; nothing is ever published by them. */
async function onPublish(hub: Hub, { channel, clientId }: BayeuxMessage, { login }: Sender): Promise<Reply> {
  const found = login && (await findSession(hub, clientId, login))
  if (!found) return { successful: false, error: unknownSession }
  if (channel.startsWith('/meta/')) return { successful: false, error: bayeuxError(404, 'unknown_meta_channel') }
  return { successful: false, clientId: found.clientID, error: bayeuxError(403, 'publish_denied') }
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
