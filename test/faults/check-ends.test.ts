import { beforeEach, expect, test } from 'vitest'
import { check } from './checker.ts'
import type { EndJournal, History, LoggedText } from './history.ts'

/** A phone and an MSRP client, two texts each; everything was kept. */
class Toy implements History {
  readonly journals = []
  readonly living = new Map()
  readonly parties = new Map([['S', ['8001', '9001']]])
  readonly transcripts = new Map<string, LoggedText[]>([['S', []]])
  readonly phone: EndJournal = end('8001')
  readonly client: EndJournal = end('9001')
  readonly ends = [this.phone, this.client]

  constructor() {
    for (const [i, text] of ['one', 'two', 'three', 'four'].entries()) {
      const [sender, hearer] = i % 2 === 0 ? [this.phone, this.client] : [this.client, this.phone]
      const times = { asked: i * 10, answered: i * 10 + 5 }
      sender.requests.push({ request: 'send', session: '', text, outcome: 'accepted', ...times })
      this.log.push({ position: i + 1, messageId: `m-${text}`, from: sender.dn, text })
      hearer.arrivals.push({ at: i * 10 + 7, id: `id-${text}`, text })
    }
  }

  get log(): LoggedText[] {
    return this.transcripts.get('S') ?? []
  }
}

function end(dn: string): EndJournal {
  return { client: dn, dn, requests: [], arrivals: [], failed: new Set(), told: [] }
}

let toy: Toy
beforeEach(() => {
  toy = new Toy()
})
const broken = () => check(toy).map(({ rule, what }) => `${rule} ${what}`)

test('where everything was kept, nothing is broken; a repetition under the same id is none', () => {
  toy.client.arrivals.push({ at: 99, id: 'id-one', text: 'one' })
  expect(broken()).toEqual([])
})

test('[G1] a text that was accepted and is not in the log', () => {
  toy.log.pop()
  toy.phone.arrivals.pop()
  expect(broken()).toEqual(['G1 9001: accepted and not in the log: four'])
})

test('[G1] a text that was refused and is in the log', () => {
  const [request] = toy.phone.requests
  if (request) request.outcome = 'refused'
  expect(broken()).toEqual(['G1 8001: refused, yet in the log: one'])
})

test('[G1] a text that is in the log and was not heard, unless its sender was told', () => {
  toy.client.arrivals.pop()
  expect(broken()).toEqual(['G1 9001: never heard 3 of S, and nobody was told: three'])
  toy.phone.failed.add('three')
  expect(broken()).toEqual([])
})

test('[G1] a notice that does not name the text stands for one of its reader', () => {
  toy.client.arrivals.pop()
  toy.phone.notices = 1
  expect(broken()).toEqual([])
  toy.client.arrivals.pop()
  expect(broken()).toHaveLength(1)
})

test('a text without an answer may be there or not', () => {
  const [request] = toy.phone.requests
  if (request) request.outcome = 'unknown'
  expect(broken()).toEqual([])
  toy.client.arrivals.shift()
  expect(broken()).toEqual(['G1 9001: never heard 1 of S, and nobody was told: one'])
})

test('[G2] a text under two ids, an id with two texts, a text twice in the log', () => {
  toy.client.arrivals.push({ at: 99, id: 'another', text: 'one' }, { at: 99, id: 'id-one', text: 'three' })
  expect(broken()).toEqual([
    'G2 9001: one came as id-one and as another',
    'G2 9001: id-one was one and is three',
    'G3 9001: heard 1 after 3 of S: one',
  ])
  toy = new Toy()
  toy.log.push({ position: 5, messageId: 'm-again', from: '8001', text: 'one' })
  expect(broken().filter((each) => each.startsWith('G2'))).toEqual(['G2 S: one is both m-one and m-again'])
})

test('[G3] what is heard in another order, or from nowhere', () => {
  toy.client.arrivals.reverse()
  expect(broken()).toEqual(['G3 9001: heard 1 after 3 of S: one'])
  toy = new Toy()
  toy.client.arrivals.push({ at: 99, id: 'x', text: 'from nowhere' })
  expect(broken()).toEqual(['G3 9001: heard what the log does not have: from nowhere'])
})

test('[G3] texts that stand in another order than their sender had them accepted', () => {
  const [one, , three] = toy.log
  if (one && three) {
    one.text = 'three'
    three.text = 'one'
  }
  expect(broken()).toContain('G3 8001: three was sent after one was accepted, and stands before it')
})

test('[G7] a text of somebody who is not in the session', () => {
  toy.parties.set('S', ['9001'])
  expect(broken()).toContain('G7 S: 8001 is no party of it')
})
