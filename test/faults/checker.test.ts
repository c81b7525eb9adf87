import type { ImSession, Notification, SessionState } from '@ringdown/client'
import { beforeEach, describe, expect, test } from 'vitest'
import { check, figures } from './checker.ts'
import type { Arrival, History, Journal, LoggedText, Violation } from './history.ts'

/** A history that keeps every promise: A talks to B, with two clients of A, then to C; the second session lives on. */
class Toy implements History {
  readonly journals: Journal[] = []
  readonly transcripts = new Map<string, LoggedText[]>()
  readonly living = new Map<string, string[]>([
    ['7001', ['S2']],
    ['7003', ['S2']],
  ])
  readonly #offsets = new Map<string, number>()
  #now = 0

  constructor() {
    for (const [client, dn] of Object.entries({ a1: '7001', a2: '7001', b: '7002', c: '7003' }))
      this.journals.push({ client, dn, requests: [], arrivals: [], whole: true })
    this.#session('S1', '7001', '7002', ['one', 'two', 'three', 'four'])
    this.journal('b').requests.push({ ...this.#asked(), request: 'complete', session: 'S1' })
    for (const dn of ['7001', '7002']) this.tell(dn, state('S1', 'Completed', dn === '7001' ? '7002' : '7001'))
    this.#session('S2', '7001', '7003', ['five', 'six'])
  }

  journal(client: string): Journal {
    const found = this.journals.find((journal) => journal.client === client)
    if (!found) throw new Error(`no ${client}`)
    return found
  }

  /** Where a client's arrival of a text, or of a state, stands. */
  at(client: string, what: string): number {
    return this.journal(client).arrivals.findIndex(({ notification: n }) => {
      if (n.messageType === 'IMLogUpdateMessage') return n.message === what
      return n.messageType === 'IMSessionStateChangeMessage' && `${n.imSession.id} ${n.imSession.state}` === what
    })
  }

  /** The client never gets it. */
  lose(client: string, what: string): void {
    this.journal(client).arrivals.splice(this.at(client, what), 1)
  }

  /** To every client of the agent, at the next position of the feed. */
  tell(dn: string, notification: Notification): void {
    const offset = (this.#offsets.get(dn) ?? 0) + 1
    this.#offsets.set(dn, offset)
    for (const journal of this.journals)
      if (journal.dn === dn) journal.arrivals.push({ at: this.#now, notification, position: `e1:${offset}` })
  }

  #asked() {
    this.#now += 10
    return { asked: this.#now, answered: this.#now + 5, outcome: 'accepted' as const }
  }

  #session(id: string, caller: string, callee: string, texts: string[]): void {
    this.journal('a1').requests.push({ ...this.#asked(), request: 'initiate', peer: callee })
    this.tell(caller, state(id, 'Initiating', callee))
    this.tell(callee, state(id, 'Alerting', caller))
    this.tell(callee, state(id, 'Talking', caller))
    this.tell(caller, state(id, 'Talking', callee))
    this.transcripts.set(
      id,
      texts.map((message, i) => {
        const from = i % 2 === 0 ? caller : callee
        const sender = this.journals.find((journal) => journal.dn === from)
        sender?.requests.push({ ...this.#asked(), request: 'send', session: id, text: message })
        const line = { position: i + 1, messageId: `m-${message}`, from, text: message }
        for (const dn of [caller, callee]) this.tell(dn, said(id, line))
        return line
      }),
    )
  }
}

function state(id: string, now: SessionState, peer: string): Notification {
  const participants = [{ digits: peer, phoneNumber: peer, formattedPhoneNumber: peer, e164Number: peer }]
  const imSession: ImSession = { id, state: now, participants, capabilities: [], path: `/im-sessions/${id}`, uri: '' }
  return { messageType: 'IMSessionStateChangeMessage', notificationType: 'StatusChange', imSession }
}
function said(session: string, { messageId, from, position, text }: LoggedText): Notification {
  return {
    messageType: 'IMLogUpdateMessage',
    notificationType: 'NewMessage',
    imSessionPath: `/im-sessions/${session}`,
    message: text,
    messageId,
    from,
    timestamp: '2026-01-01T00:00:00.000Z',
    position,
  }
}
const gap: Arrival = {
  at: 0,
  notification: { messageType: 'IMSessionGapMessage', notificationType: 'Gap', from: 'e1:1', to: 'e1:3' },
  position: 'e1:3',
}

let toy: Toy
beforeEach(() => {
  toy = new Toy()
})

function rules(): string[] {
  return [...new Set(check(toy).map((violation: Violation) => violation.rule))].sort()
}
function swap<T>(list: T[], a: number, b: number): void {
  const [x, y] = [list[a], list[b]]
  if (x === undefined || y === undefined) throw new Error('nothing to swap')
  list[a] = y
  list[b] = x
}
function line(session: string, i: number): LoggedText {
  const found = toy.transcripts.get(session)?.[i]
  if (!found) throw new Error('no such line')
  return found
}

describe('a history without fault', () => {
  test('passes', () => {
    expect(check(toy)).toEqual([])
    expect(figures(toy)).toEqual({
      sessions: 2,
      sent: 6,
      accepted: 6,
      unknown: 0,
      delivered: 18,
      duplicates: 0,
      gaps: 0,
    })
  })

  test('passes with everything delivered twice', () => {
    for (const journal of toy.journals) journal.arrivals = journal.arrivals.flatMap((arrival) => [arrival, arrival])
    expect(check(toy)).toEqual([])
    expect(figures(toy).duplicates).toBe(18)
  })

  test('passes with a batch delivered again', () => {
    const { arrivals } = toy.journal('b')
    arrivals.push(...arrivals.slice(3))
    expect(check(toy)).toEqual([])
  })

  test('passes with an unanswered text, whether it was accepted or not', () => {
    const [first] = toy.journal('b').requests
    if (first) first.outcome = 'unknown'
    toy
      .journal('b')
      .requests.push({ asked: 999, answered: 1000, outcome: 'unknown', request: 'send', session: 'S1', text: 'x' })
    expect(check(toy)).toEqual([])
  })

  test('passes with a gap that was announced', () => {
    const b = toy.journal('b')
    b.arrivals.splice(2, 2, gap)
    expect(check(toy)).toEqual([])
  })
})

describe('G1 is broken', () => {
  for (const client of ['a1', 'a2', 'b'])
    test(`by a text that ${client} never saw`, () => {
      toy.lose(client, 'three')
      expect(rules()).toContain('G1')
    })
  test('by an accepted text that is not in the log', () => {
    toy.transcripts.get('S2')?.pop()
    expect(rules()).toContain('G1')
  })
  test('by a refused text that is in the log', () => {
    const request = toy.journal('a1').requests.find((r) => r.request === 'send')
    if (request) request.outcome = 'refused'
    expect(rules()).toContain('G1')
  })
  test('by the end of a session that one of its clients never saw', () => {
    toy.lose('a2', 'S1 Completed')
    expect(rules()).toContain('G1')
  })
  test('not by what a client that came late has not seen', () => {
    const late = toy.journal('a2')
    late.whole = false
    late.arrivals.splice(0, 6)
    expect(check(toy)).toEqual([])
  })
})

describe('G2 is broken', () => {
  test('by one text with two message ids at a client', () => {
    const again = said('S1', { ...line('S1', 1), messageId: 'other' })
    toy.journal('b').arrivals.push({ at: 0, notification: again, position: 'e1:99' })
    expect(rules()).toContain('G2')
  })
  test('by a text that is in the log twice', () => {
    toy.transcripts.get('S2')?.push({ ...line('S2', 0), position: 3, messageId: 'other' })
    expect(rules()).toContain('G2')
  })
  test('by a message id that is in the log twice', () => {
    toy.transcripts.get('S2')?.push({ ...line('S2', 0), position: 3 })
    expect(rules()).toContain('G2')
  })
})

describe('G3 is broken', () => {
  test('by two texts that arrive in the other order', () => {
    swap(toy.journal('b').arrivals, toy.at('b', 'two'), toy.at('b', 'three'))
    expect(rules()).toContain('G3')
  })
  test('by a log that turned two texts of one sender round', () => {
    const lines = toy.transcripts.get('S1')
    if (lines)
      toy.transcripts.set(
        'S1',
        lines.map((l, i) => ({ ...l, ...{ 0: line('S1', 2), 2: line('S1', 0) }[i], position: l.position })),
      )
    expect(rules()).toContain('G3')
  })
  test('by a hole in the positions', () => {
    line('S2', 1).position = 3
    expect(rules()).toContain('G3')
  })
  test('by a text that the log does not know', () => {
    toy.tell('7002', said('S1', { position: 5, messageId: 'm', from: '7001', text: 'made up' }))
    expect(rules()).toContain('G3')
  })
})

describe('G4 is broken', () => {
  test('by a notification that one of two clients of an agent missed', () => {
    toy.lose('a2', 'S2 Initiating')
    expect(rules()).toContain('G4')
  })
  test('by a position that goes back', () => {
    const b = toy.journal('b').arrivals
    swap(b, 0, 1)
    expect(rules()).toContain('G4')
  })
  test('by another epoch without a word', () => {
    const last = toy.journal('b').arrivals.at(-1)
    if (last) last.position = 'e2:1'
    expect(rules()).toContain('G4')
  })
  test('by two notifications at one position', () => {
    toy.journal('a1').arrivals.splice(0, 1, { at: 0, notification: state('S1', 'Alerting', '7002'), position: 'e1:1' })
    expect(rules()).toContain('G4')
  })
  test('by a notification without a position', () => {
    delete toy.journal('b').arrivals[0]?.position
    expect(rules()).toContain('G4')
  })
  test('not by an epoch that changes behind a gap', () => {
    const b = toy.journal('b').arrivals
    const last = b.at(-1)
    if (last) last.position = 'e2:7'
    b.splice(-1, 0, { ...gap, position: 'e2:6' })
    expect(check(toy)).toEqual([])
  })
})

describe('G5 is broken', () => {
  test('by a session that talks before it rings', () => {
    const b = toy.journal('b').arrivals
    swap(b, toy.at('b', 'S1 Alerting'), toy.at('b', 'S1 Talking'))
    expect(rules()).toContain('G5')
  })
  test('by a text after the end', () => {
    const b = toy.journal('b').arrivals
    swap(b, toy.at('b', 'four'), toy.at('b', 'S1 Completed'))
    expect(rules()).toContain('G5')
  })
  test('by a text before the beginning', () => {
    const c = toy.journal('c').arrivals
    swap(c, toy.at('c', 'five'), toy.at('c', 'S2 Talking'))
    expect(rules()).toContain('G5')
  })
  test('by a session that ends twice', () => {
    toy.tell('7002', state('S1', 'Completed', '7001'))
    expect(rules()).toContain('G5')
  })
  test('by a session that is over and was never seen to end', () => {
    toy.living.set('7003', [])
    expect(rules()).toContain('G5')
  })
  test('by a session that lives and was never seen', () => {
    toy.living.set('7002', ['S9'])
    expect(rules()).toContain('G5')
  })
  test('by an accepted session that never began', () => {
    toy.journal('c').requests.push({ asked: 1, answered: 2, outcome: 'accepted', request: 'initiate', peer: '7001' })
    expect(rules()).toContain('G5')
  })
})

describe('G6 is broken', () => {
  test('by a session that begins while another one lives', () => {
    toy.tell('7003', state('S3', 'Alerting', '7002'))
    expect(rules()).toContain('G6')
  })
  test('by two living sessions at the end', () => {
    toy.living.set('7001', ['S2', 'S3'])
    expect(rules()).toContain('G6')
  })
})

describe('G7 is broken', () => {
  test('by a request with foreign credentials that was accepted', () => {
    const foreign = {
      asked: 1,
      answered: 2,
      outcome: 'accepted',
      request: 'complete',
      session: 'S2',
      intruder: true,
    } as const
    toy.journal('b').requests.push(foreign)
    expect(rules()).toContain('G7')
  })
  test('not by one that was refused', () => {
    const foreign = {
      asked: 1,
      answered: 2,
      outcome: 'refused',
      request: 'complete',
      session: 'S2',
      intruder: true,
    } as const
    toy.journal('b').requests.push(foreign)
    expect(check(toy)).toEqual([])
  })
  test('by a third agent who is told', () => {
    toy.tell('7003', said('S1', line('S1', 0)))
    expect(rules()).toContain('G7')
  })
  test('by a text in the name of somebody else', () => {
    line('S1', 0).from = '7002'
    expect(rules()).toContain('G7')
  })
  test('by a text that nobody sent', () => {
    toy.transcripts.get('S2')?.push({ position: 3, messageId: 'm', from: '7001', text: 'made up' })
    expect(rules()).toContain('G7')
  })
})
