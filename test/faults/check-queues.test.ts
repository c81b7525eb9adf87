import { beforeEach, describe, expect, test } from 'vitest'
import { check, figures } from './checker.ts'
import { arrivalsOf, placesOf } from './cwa-arrivals.ts'
import type { History, Journal, LoggedText, Outcome, Queue, Told } from './history.ts'

/** A client of UC AJAX with its queue; what arrives is read from it. */
class QueueJournal implements Journal {
  readonly requests: Journal['requests'] = []
  readonly queue: Queue = { events: [], asked: new Map() }
  whole = true
  readonly client: string
  readonly dn: string
  readonly #transcripts: History['transcripts']

  constructor(client: string, dn: string, transcripts: History['transcripts']) {
    this.client = client
    this.dn = dn
    this.#transcripts = transcripts
  }

  get arrivals() {
    return arrivalsOf(this.queue, placesOf(this.#transcripts))
  }
}

/** A history that keeps every promise: A invites B, both by UC AJAX, they talk, and B leaves. A has a second session beside. */
class Toy implements History {
  readonly transcripts = new Map<string, LoggedText[]>()
  readonly living = new Map<string, string[]>()
  readonly a = new QueueJournal('a', '7001', this.transcripts)
  readonly a2 = new QueueJournal('a2', '7001', this.transcripts)
  readonly b = new QueueJournal('b', '7002', this.transcripts)
  readonly journals = [this.a, this.a2, this.b]
  #now = 0

  constructor() {
    this.a2.whole = false
    for (const [journal, sid] of [
      [this.a, 11],
      [this.a2, 12],
      [this.b, 13],
    ] as const) {
      this.ask(journal, sid, 'r1')
      this.tell(journal, sid, { told: 'outcome', rid: 'r1', succeeded: true }, { told: 'other', what: 'configuration' })
    }
    this.ask(this.a, 11, 'r2', { text: 'one', confId: 1 })
    this.a.requests.push({ ...this.#asked(), request: 'initiate', peer: '7002', text: 'one' })
    this.#log('7001', 'one')
    this.tell(this.a, 11, { told: 'state', confId: 1, state: 'connecting' })
    const invited = { told: 'invited', confId: 1, by: '7001', text: 'one' } as const
    this.tell(this.b, 13, invited, { told: 'state', confId: 1, state: 'incoming' })
    this.ask(this.b, 13, 'r2', { confId: 1 })
    const up = (peer: string): Told[] => [
      { told: 'participant', confId: 1, uri: peer },
      { told: 'state', confId: 1, state: 'connected' },
      { told: 'outcome', rid: 'r2', succeeded: true },
    ]
    this.tell(this.b, 13, ...up('7001'))
    this.tell(this.a, 11, ...up('7002'))
    this.say(this.a, 11, 'r3', 'two', this.b, 13)
    this.say(this.b, 13, 'r3', 'three', this.a, 11)
    this.say(this.b, 13, 'r4', 'four', this.a, 11)
    this.b.requests.push({ ...this.#asked(), request: 'complete', session: 'S' })
    this.ask(this.b, 13, 'r5', { confId: 1 })
    this.tell(this.b, 13, { told: 'state', confId: 1, state: 'terminated' })
    this.tell(this.b, 13, { told: 'outcome', rid: 'r5', succeeded: true })
    this.tell(this.a, 11, { told: 'state', confId: 1, state: 'terminated' })
  }

  /** Puts events behind the others, under the next numbers of that session. */
  tell({ queue }: QueueJournal, sid: number, ...events: Told[]): void {
    for (const event of events) {
      const eid = queue.events.filter((other) => other.sid === sid).length + 1
      queue.events.push({ at: this.#now, sid, eid, event })
    }
  }

  ask({ queue }: QueueJournal, sid: number, rid: string, what: { text?: string; confId?: number } = {}): void {
    queue.asked.set(`${sid} ${rid}`, { outcome: 'accepted', ...what })
  }

  say(from: QueueJournal, sid: number, rid: string, text: string, to: QueueJournal, toSid: number): void {
    this.ask(from, sid, rid, { text, confId: 1 })
    from.requests.push({ ...this.#asked(), request: 'send', session: 'S', text })
    this.#log(from.dn, text)
    this.tell(to, toSid, { told: 'text', confId: 1, sender: from.dn, text })
    this.tell(from, sid, { told: 'outcome', rid, succeeded: true })
  }

  /** Where an event stands in a client's queue. */
  at(journal: QueueJournal, isIt: (event: Told) => boolean): number {
    const found = journal.queue.events.findIndex(({ event }) => isIt(event))
    if (found < 0) throw new Error('no such event')
    return found
  }

  /** Takes an event out as if it had never been: what follows counts on. */
  forget(journal: QueueJournal, isIt: (event: Told) => boolean): void {
    const { events } = journal.queue
    const [gone] = events.splice(this.at(journal, isIt), 1)
    for (const event of events) if (gone && event.sid === gone.sid && event.eid > gone.eid) event.eid--
  }

  #asked() {
    this.#now += 10
    return { asked: this.#now, answered: this.#now + 5, outcome: 'accepted' as Outcome }
  }

  #log(from: string, text: string): void {
    const lines = this.transcripts.get('S') ?? []
    lines.push({ position: lines.length + 1, messageId: `m-${text}`, from, text })
    this.transcripts.set('S', lines)
  }
}

let toy: Toy
beforeEach(() => {
  toy = new Toy()
})
const rules = () => [...new Set(check(toy).map(({ rule }) => rule))].sort()
const saying = (text: string) => (event: Told) => event.told === 'text' && event.text === text
const outcomeOf = (rid: string) => (event: Told) => event.told === 'outcome' && event.rid === rid
const stateOf = (state: string) => (event: Told) => event.told === 'state' && event.state === state

describe('a history without fault', () => {
  test('passes', () => {
    expect(check(toy)).toEqual([])
    expect(figures(toy)).toMatchObject({ sessions: 1, sent: 4, accepted: 4, delivered: 8, duplicates: 0, gaps: 0 })
  })

  test('passes with polls that were repeated', () => {
    for (const { queue } of toy.journals) {
      const { events } = queue
      queue.events = [...events.slice(0, 6), ...events.slice(2, 9), ...events.slice(4)]
    }
    expect(check(toy)).toEqual([])
  })

  test('passes with an outcome for a request that was never answered', () => {
    const request = toy.a.queue.asked.get('11 r3')
    if (request) request.outcome = 'unknown'
    expect(check(toy)).toEqual([])
  })

  test('passes with a notice whose repetition had an outcome, too', () => {
    toy.a.queue.asked.set('11 r9', { outcome: 'accepted', confId: 1, notice: true })
    const outcome = { told: 'outcome', rid: 'r9', succeeded: true } as const
    toy.tell(toy.a, 11, outcome, outcome)
    expect(check(toy)).toEqual([])
  })

  test('passes with a session that begins anew and is shown what goes on', () => {
    signInAnew(['one', 'two'])
    expect(check(toy)).toEqual([])
  })

  test('passes with a second session that an invitation was taken from', () => {
    const invited = { told: 'invited', confId: 1, by: '7002', text: '' } as const
    toy.tell(toy.a2, 12, invited, { told: 'state', confId: 1, state: 'incoming' })
    toy.tell(toy.a2, 12, { told: 'state', confId: 1, state: 'terminated' })
    expect(check(toy)).toEqual([])
  })
})

/** B's client is gone before `two` comes, and comes back under another sid. */
function signInAnew(texts: readonly string[]): void {
  const { queue } = toy.b
  queue.events.splice(toy.at(toy.b, saying('two')))
  toy.ask(toy.b, 99, 'r1')
  toy.tell(toy.b, 99, { told: 'outcome', rid: 'r1', succeeded: true })
  toy.tell(toy.b, 99, { told: 'invited', confId: 1, by: '7001', text: '' })
  toy.tell(toy.b, 99, { told: 'state', confId: 1, state: 'connected' })
  for (const text of texts) toy.tell(toy.b, 99, { told: 'text', confId: 1, sender: '7001', text })
  toy.tell(toy.b, 99, { told: 'state', confId: 1, state: 'terminated' })
}

describe('G1 is broken', () => {
  test('by a text that the peer never saw', () => {
    toy.forget(toy.b, saying('two'))
    expect(rules()).toEqual(['G1'])
  })
  test('by the first text of a session that is not in the log', () => {
    toy.transcripts.set('S', (toy.transcripts.get('S') ?? []).slice(1))
    expect(rules()).toContain('G1')
  })
  test('by an accepted request whose outcome is never told', () => {
    toy.forget(toy.b, outcomeOf('r2'))
    expect(rules()).toEqual(['G1'])
  })
  test('by a text that was accepted and failed', () => {
    const told = toy.b.queue.events[toy.at(toy.b, outcomeOf('r3'))]
    if (told) told.event = { told: 'outcome', rid: 'r3', succeeded: false, detail: '18201' }
    expect(rules()).toContain('G1')
  })
  test('by a request that was refused and succeeded', () => {
    toy.b.queue.asked.set('13 r2', { outcome: 'refused', confId: 1 })
    expect(rules()).toEqual(['G1'])
  })
  test('by the end of a session that its client never saw', () => {
    toy.forget(toy.a, stateOf('terminated'))
    expect(rules()).toContain('G1')
  })
  test('by a session that begins anew without a text that had not come', () => {
    signInAnew(['one'])
    expect(rules()).toEqual(['G1'])
  })
  test('by a second session that misses a text', () => {
    toy.tell(toy.a2, 12, { told: 'invited', confId: 1, by: '7002', text: '' })
    toy.tell(
      toy.a2,
      12,
      { told: 'state', confId: 1, state: 'incoming' },
      { told: 'state', confId: 1, state: 'connected' },
    )
    toy.tell(toy.a2, 12, { told: 'text', confId: 1, sender: '7002', text: 'four' })
    toy.tell(toy.a2, 12, { told: 'state', confId: 1, state: 'terminated' })
    expect(rules()).toEqual(['G1'])
  })
})

describe('G2 is broken', () => {
  test('by a text under two numbers', () => {
    const at = toy.at(toy.b, stateOf('terminated'))
    const rest = toy.b.queue.events.splice(at)
    toy.tell(toy.b, 13, { told: 'text', confId: 1, sender: '7001', text: 'two' }, ...rest.map(({ event }) => event))
    expect(rules()).toEqual(['G2'])
  })
  test('by a first text that comes again after the invitation', () => {
    const at = toy.at(toy.b, saying('two'))
    const rest = toy.b.queue.events.splice(at)
    toy.tell(toy.b, 13, { told: 'text', confId: 1, sender: '7001', text: 'one' }, ...rest.map(({ event }) => event))
    expect(rules()).toEqual(['G2'])
  })
  test('by an outcome that is told twice', () => {
    toy.tell(toy.b, 13, { told: 'outcome', rid: 'r4', succeeded: true })
    expect(rules()).toContain('G2')
  })
})

describe('G3 is broken', () => {
  test('by two texts that come in the other order', () => {
    const { events } = toy.a.queue
    const [one, other] = [events[toy.at(toy.a, saying('three'))], events[toy.at(toy.a, saying('four'))]]
    if (one && other) [one.event, other.event] = [other.event, one.event]
    expect(rules()).toEqual(['G3'])
  })
  test('by a text that the log does not have', () => {
    toy.tell(toy.a, 11, { told: 'text', confId: 1, sender: '7002', text: 'made up' })
    expect(rules()).toContain('G3')
  })
  test('by a text of another session', () => {
    toy.transcripts.set('T', [{ position: 1, messageId: 'm-t', from: '7002', text: 'from T' }])
    const rest = toy.a.queue.events.splice(toy.at(toy.a, stateOf('terminated')))
    toy.tell(toy.a, 11, { told: 'text', confId: 1, sender: '7002', text: 'from T' }, ...rest.map(({ event }) => event))
    expect(rules()).toContain('G3')
  })
  test('by a session whose first text is not what it began with', () => {
    const lines = toy.transcripts.get('S') ?? []
    const [one, two] = [lines[0], lines[1]]
    if (one && two) toy.transcripts.set('S', [{ ...two, position: 1 }, { ...one, position: 2 }, ...lines.slice(2)])
    expect(rules()).toContain('G3')
  })
})

describe('G4 is broken', () => {
  test('by an answer that cannot be read', () => {
    toy.b.queue.broken = ['no cwaEvents']
    expect(rules()).toEqual(['G4'])
  })
  test('by a number that is left out', () => {
    toy.b.queue.events.splice(toy.at(toy.b, outcomeOf('r3')), 1)
    expect(rules()).toContain('G4')
  })
  test('by another event under a number that was told before', () => {
    const { events } = toy.b.queue
    const first = events.find(({ event }) => saying('two')(event))
    if (first) events.push({ ...first, event: { told: 'text', confId: 1, sender: '7001', text: 'three' } })
    expect(rules()).toContain('G4')
  })
})

describe('G5 is broken', () => {
  test('by a conversation that is connected before it rings', () => {
    const { events } = toy.b.queue
    const [one, other] = [events[toy.at(toy.b, stateOf('incoming'))], events[toy.at(toy.b, stateOf('connected'))]]
    if (one && other) [one.event, other.event] = [other.event, one.event]
    expect(rules()).toContain('G5')
  })
  test('by a text after the end', () => {
    const { events } = toy.a.queue
    const [one, other] = [events[toy.at(toy.a, saying('four'))], events[toy.at(toy.a, stateOf('terminated'))]]
    if (one && other) [one.event, other.event] = [other.event, one.event]
    expect(rules()).toContain('G5')
  })
})

describe('G7 is broken', () => {
  test('by a text under a foreign name', () => {
    const told = toy.a.queue.events[toy.at(toy.a, saying('four'))]
    if (told) told.event = { told: 'text', confId: 1, sender: '7001', text: 'four' }
    expect(rules()).toEqual(['G7'])
  })
  test('by the outcome of what another client asked', () => {
    toy.tell(toy.a2, 12, { told: 'outcome', rid: 'r3', succeeded: true })
    expect(rules()).toEqual(['G7'])
  })
})
