import { randomBytes } from 'node:crypto'
import type { Login } from '../login.ts'
import { type BayeuxMessage, bayeuxError, extOf, objectOf, type Reply, stringsOf } from './bayeux.ts'
import { Cursor } from './cursor.ts'
import type { PersonFeed } from './feed.ts'
import type { Hub } from './hub.ts'
import type { LoginEntry } from './login-entries.ts'
import type { Sender } from './meta.ts'
import { resumeFrom, type SessionRecord } from './record.ts'
import { Subscriber } from './subscriber.ts'
import { parseReplay, type Resume } from './topic-change.ts'

/** Sessions that were lost together (the server was restarted) come back one by one; each may go on from any of them for so long. */
const takenMs = 60_000

/** Opens a CometD session. SPEC CD-4, CD-5, CD-31. Rejects with TServerError. */
export async function handshake(hub: Hub, message: BayeuxMessage, sender: Sender): Promise<Reply> {
  const { login, connectionTypes } = sender
  if (!login) return { successful: false, error: bayeuxError(403, 'handshake_denied'), advice: { reconnect: 'none' } }
  const wanted = stringsOf(message.supportedConnectionTypes)
  if (wanted && !wanted.some((type) => connectionTypes.includes(type))) {
    const error = bayeuxError(412, 'unsupported_connection_types', connectionTypes.join(' '))
    return { successful: false, error, supportedConnectionTypes: connectionTypes, advice: { reconnect: 'none' } }
  }
  if (hub.feeds.queued > hub.options.queuedLimit) return busy('503', 'overloaded')
  return hub.feeds.with(login.centre, login.person.id, (feed) => open(hub, message, sender, login, feed))
}

async function open(hub: Hub, message: BayeuxMessage, sender: Sender, login: Login, feed: PersonFeed): Promise<Reply> {
  const { centre } = login
  const { loginID, apiRoot, connectionTypes } = sender
  const now = hub.clock.now()
  if (!mayHandshake(feed, now, hub.options.handshakesPerSecond)) return busy('429', 'too_many_handshakes')
  const replay = parseReplay(extOf(message, 'replay'), feed)
  if (!replay) return { successful: false, error: bayeuxError(400, 'replay_position_malformed') }

  const clientID = randomBytes(18).toString('base64url')
  const ack = acks(extOf(message, 'ack'))
  let resume: Resume | null = null
  await hub.logins.change(centre, loginID, hub.records.ttl(centre), async (entries) => {
    const own = await lostSessions(hub, login, entries, now)
    const lost = own.size > 0 ? own : await lostWithoutCookie(hub, login, loginID, now)
    const until = now + hub.options.resumeWindowMs
    resume = resumeFrom([...lost.values()], feed, until)
    if (replay.some((start) => start !== null))
      resume = { after: replay.map((start, topic) => start ?? resume?.after[topic] ?? null), until }
    const cursor = new Cursor()
    const sub = new Subscriber({
      clientID,
      centre,
      feed,
      loginID,
      ack,
      cursor,
      apiRoot,
      patterns: [],
      resume,
      tenure: 1,
      now,
    })
    await hub.open(sub)
    const marked = entries.map((entry) => (lost.has(entry.clientID) ? { taken: now, ...entry } : entry))
    const kept = marked.filter(({ taken }) => taken === undefined || now - taken < takenMs)
    return withinLimit(hub, login, [...kept, { clientID }])
  })
  await boundPerson(hub, feed)
  return {
    successful: true,
    clientId: clientID,
    version: '1.0',
    minimumVersion: '1.0',
    supportedConnectionTypes: connectionTypes,
    advice: hub.advice(),
    ext: ack ? { ack: true } : undefined,
  }
}

/** Both forms of the extension: `true`, and an object since CometD 4. */
function acks(ack: unknown): boolean {
  return ack === true || objectOf(ack)?.enabled === true
}

function busy(code: '429' | '503', text: string): Reply {
  const advice = { reconnect: 'handshake', interval: 1_000 } as const
  return { successful: false, error: bayeuxError(Number(code), text), advice }
}

function mayHandshake(feed: PersonFeed, now: number, perSecond: number): boolean {
  const second = Math.floor(now / 1_000)
  if (feed.second !== second) {
    feed.second = second
    feed.handshakes = 0
  }
  return ++feed.handshakes <= perSecond
}

/**
 * The login's sessions that a new handshake may be the return of: those that expired, and those whose connection broke and that have not
 * been back. One that is in use is another tab. SPEC CD-31.
 */
async function lostSessions(hub: Hub, { centre, person }: Login, entries: readonly LoginEntry[], now: number) {
  const lost = new Map<string, SessionRecord>()
  const looked = entries.filter(({ taken }) => taken === undefined || now - taken < takenMs)
  await Promise.all(
    looked.map(async ({ clientID, taken }) => {
      const sub = hub.find(clientID, centre, person.id)
      if (sub && !sub.lost && taken === undefined) return
      const record = sub?.lost ? hub.recordOf(sub) : await hub.records.read(centre, clientID, person.id)
      if (record && (record.gone || sub?.lost)) lost.set(clientID, record)
    }),
  )
  return lost
}

/** A client that handshook before it had its cookie has been listed under its person. */
async function lostWithoutCookie(hub: Hub, login: Login, loginID: string, now: number) {
  const person = `person:${login.person.id}`
  let lost = new Map<string, SessionRecord>()
  if (loginID === person) return lost
  await hub.logins.change(login.centre, person, hub.records.ttl(login.centre), async (entries) => {
    lost = await lostSessions(hub, login, entries, now)
    return entries.map((entry) => (lost.has(entry.clientID) ? { taken: now, ...entry } : entry))
  })
  return lost
}

/** Lets the oldest sessions of a login go that are too many, on whatever node they are. They stay listed, so that their clients can go on. */
async function withinLimit(hub: Hub, { centre, person }: Login, entries: LoginEntry[]): Promise<LoginEntry[]> {
  const { clientsPerLogin } = hub.options
  const living = entries.filter(({ taken, out }) => taken === undefined && !out)
  const leaving = living.slice(0, Math.max(0, living.length - clientsPerLogin))
  for (const { clientID } of leaving) await hub.throwOut(centre, clientID, person.id)
  const marked = entries.map((entry) => (leaving.includes(entry) ? { ...entry, out: true as const } : entry))
  return marked.slice(-2 * clientsPerLogin)
}

/** The same for all logins of a person on this node. */
async function boundPerson(hub: Hub, feed: PersonFeed): Promise<void> {
  const { clientsPerPerson } = hub.options
  const oldest = [...feed.subscribers].sort((a, b) => Number(b.lost) - Number(a.lost) || a.seen - b.seen)
  for (const sub of oldest.slice(0, Math.max(0, oldest.length - clientsPerPerson)))
    await hub.throwOut(sub.centre, sub.clientID, sub.feed.person)
}
