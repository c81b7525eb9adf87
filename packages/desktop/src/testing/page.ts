import type { ImSession, LogUpdate, WholeUser } from '@ringdown/client'
import { type Desktop, type Effect, emptyDesktop, type Input } from '../model/desktop.ts'
import { next } from '../model/next.ts'

/** An agent's page without a browser: inputs go in, effects are collected, nothing happens by itself. */
export class TestPage {
  state: Desktop = emptyDesktop
  effects: Effect[] = []

  /** Takes inputs; what was asked before them is forgotten. */
  take(...inputs: readonly Input[]): readonly Effect[] {
    this.effects = []
    for (const input of inputs) {
      const { state, effects } = next(this.state, input)
      this.state = state
      this.effects.push(...effects)
    }
    return this.effects
  }

  /** The server says that it is still this person's page; takes other inputs before. */
  confirmed(...inputs: readonly Input[]): readonly Effect[] {
    for (const input of inputs) this.state = next(this.state, input).state
    return this.take({ input: 'iAm', user: anna(), check: this.state.checks })
  }

  /** The effects of one kind that the last inputs led to. */
  asked<Name extends Effect['effect']>(name: Name): readonly (Effect & { effect: Name })[] {
    return this.effects.filter((effect): effect is Effect & { effect: Name } => effect.effect === name)
  }

  /** Anna at her desk, connected, with nothing to read. */
  static atDesk(): TestPage {
    const page = new TestPage()
    page.take({ input: 'opened' }, { input: 'iAm', user: anna() }, { input: 'loaded', entries: [] }, ...connected)
    return page
  }

  /** Anna in a session with 7002. */
  static talking(): TestPage {
    const page = TestPage.atDesk()
    page.take(change(session('Talking')))
    return page
  }
}

const connected: readonly Input[] = [
  { input: 'subscribed' },
  { input: 'connected' },
  { input: 'iAm', user: anna(), check: 1 },
  { input: 'sessionsRead', sessions: [], asked: [] },
  { input: 'waited', name: 'linkNews' },
]

export function anna(state: 'NotReady' | 'Ready' | 'LoggedOut' = 'NotReady', userName = 'anna'): WholeUser {
  const device = { id: 'd1', phoneNumber: '7001', type: 'Extension', imAccess: 'api', path: '/devices/d1' } as const
  return {
    id: 'p1',
    userName,
    firstName: 'Anna',
    lastName: 'Berg',
    roles: ['ROLE_AGENT'],
    contactCenterId: 'demo',
    devices: [{ ...device, userState: { state } }],
    channels: [{ userState: { state } }],
  }
}

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

export function change(imSession: ImSession): Input {
  const data = { messageType: 'IMSessionStateChangeMessage', notificationType: 'StatusChange', imSession }
  return { input: 'notification', data, now }
}

/** The present of all tests, milliseconds since 1970. */
export const now = Date.parse('2026-01-02T03:04:05.000Z')

export function text(messageId: string, position: number, more: Partial<LogUpdate> = {}): Input {
  const data: LogUpdate = {
    messageType: 'IMLogUpdateMessage',
    notificationType: 'NewMessage',
    imSessionPath: '/im-sessions/S',
    message: `text ${messageId}`,
    messageId,
    from: '7002',
    timestamp: new Date(now).toISOString(),
    position,
    ...more,
  }
  return { input: 'notification', data, now }
}

export function notice(more: Readonly<Record<string, unknown>>): Input {
  const data = { messageType: 'IMNoticeMessage', imSessionPath: '/im-sessions/S', from: '7002', ...more }
  return { input: 'notification', data, now }
}

/** What a request that got no answer comes back as. */
export const lost = (effect: Effect): Input => ({ input: 'failed', effect, failure: { failure: 'noAnswer' } })

export const refused = (effect: Effect, httpStatus: number, statusCode: number, message = 'no'): Input => ({
  input: 'failed',
  effect,
  failure: { failure: 'refused', httpStatus, statusCode, message },
})
