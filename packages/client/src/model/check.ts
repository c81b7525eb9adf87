import type { ImSession } from '../contract.ts'
import type { Notification } from '../notifications.ts'

/** What came over the network on the topic of sessions. */
export type Read =
  | { read: 'known'; notification: Notification }
  /** Of a kind this client has never heard of. SPEC CL-3. */
  | { read: 'unknown' }
  /** Of a kind it knows, and not as it should be. SPEC CL-4. */
  | { read: 'malformed' }

type Fields = Readonly<Record<string, unknown>>

/** Looks at a notification before anything relies on it. */
export function readNotification(data: unknown): Read {
  if (!isObject(data) || typeof data.messageType !== 'string') return { read: 'malformed' }
  const check = checks[data.messageType as Notification['messageType']]
  if (!check || !Object.hasOwn(checks, data.messageType)) return { read: 'unknown' }
  return check(data) ? { read: 'known', notification: data as unknown as Notification } : { read: 'malformed' }
}

const checks: Record<Notification['messageType'], (data: Fields) => boolean> = {
  IMSessionStateChangeMessage: ({ imSession }) => isSession(imSession),
  IMLogUpdateMessage: (data) =>
    areTexts(data, ['imSessionPath', 'message', 'messageId', 'from', 'timestamp']) &&
    (data.position === undefined || Number.isInteger(data.position)),
  IMNoticeMessage: (data) => areTexts(data, ['imSessionPath', 'notificationType', 'from']),
  IMSessionGapMessage: () => true,
}

const states: ReadonlySet<unknown> = new Set(['Initiating', 'Alerting', 'Talking', 'Completed'])

function isSession(session: unknown): session is ImSession {
  if (!isObject(session) || typeof session.id !== 'string' || !states.has(session.state)) return false
  const { participants, capabilities, userData } = session
  return (
    Array.isArray(participants) &&
    participants.every((one) => isObject(one) && typeof one.digits === 'string') &&
    Array.isArray(capabilities) &&
    (userData === undefined || isObject(userData))
  )
}

function areTexts(data: Fields, names: readonly string[]): boolean {
  return names.every((name) => typeof data[name] === 'string')
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
