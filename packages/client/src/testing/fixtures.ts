import type { ImSession } from '../contract.ts'
import type { LogUpdate, SessionStateChange } from '../notifications.ts'

/** What the server says of a session with 7002. */
export function session(state: ImSession['state'], more: Partial<ImSession> = {}): ImSession {
  const id = more.id ?? 'S'
  const number = { digits: '7002', phoneNumber: '7002', formattedPhoneNumber: '7002', e164Number: '7002' }
  return {
    id,
    state,
    participants: [number],
    capabilities: state === 'Talking' ? ['SendMessage', 'Complete'] : [],
    path: `/im-sessions/${id}`,
    uri: `http://im/api/v2/im-sessions/${id}`,
    ...more,
  }
}

export function change(imSession: ImSession): SessionStateChange {
  return { messageType: 'IMSessionStateChangeMessage', notificationType: 'StatusChange', imSession }
}

/** A text of session S; whose message id and words are its position's where nothing else is said. */
export function text(position: number, more: Partial<LogUpdate> = {}): LogUpdate {
  return {
    messageType: 'IMLogUpdateMessage',
    notificationType: 'NewMessage',
    imSessionPath: '/im-sessions/S',
    message: `text ${position}`,
    messageId: `m${position}`,
    from: '7002',
    timestamp: '2026-01-02T03:04:05.000Z',
    position,
    ...more,
  }
}
