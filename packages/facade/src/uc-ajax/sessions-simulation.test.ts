import type { FeedEntry, Person } from '@ringdown/signalling'
import { seededRandom } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { type CwaBench, type CwaClient, cwaBench, settle } from '../testing/cwa-bench.ts'
import { Addresses } from './addresses.ts'
import type { CwaEvent } from './event.ts'
import { feedStep, firstPlace, introduction, type Start } from './start.ts'

/** A session as its client has lived it. */
interface Lived {
  client: CwaClient
  sid: number
  start: Start
  told: ReadonlyMap<number, CwaEvent>
  /** The highest AckId that was heard. */
  acknowledged: number
}

/** Chance, the same one for the same seed. */
function chances(seed: number) {
  const source = seededRandom(seed)
  const random = () => source() / 2 ** 32
  return {
    chance: (p: number) => random() < p,
    below: (n: number) => Math.floor(random() * n),
    pick: <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T,
  }
}

/** One random history of two people with some clients each, between two nodes that break. */
class History {
  readonly bench: CwaBench
  readonly clients: CwaClient[] = []
  readonly lived: Lived[] = []
  /** Everything that was ever in the two feeds, also what is trimmed by now. */
  readonly feeds = new Map<Person, FeedEntry[]>()
  readonly #luck: ReturnType<typeof chances>
  #said = 0

  constructor(seed: number, feedLimit: number) {
    this.#luck = chances(seed)
    this.bench = cwaBench({}, { feedLimit, seed })
    for (const name of ['anna', 'ben']) {
      this.feeds.set(this.bench.person(name), [])
      for (let i = 0; i <= this.#luck.below(3); i++) this.clients.push(this.bench.client(name))
    }
  }

  async run(steps: number): Promise<void> {
    const { store } = this.bench
    for (const client of this.clients) await this.#signIn(client)
    for (let i = 0; i < steps; i++) {
      this.#disturb()
      await this.#act(this.#luck.pick(this.clients)).catch((error) => {
        if (store.healthy()) throw error // nothing but the store may stand in the way
      })
      store.outage(undefined)
      await this.#record()
    }
    store.loseHints(false)
    for (const node of [this.bench.a, this.bench.b]) node.store.doubt()
    await settle()
    for (const client of this.clients) {
      if (!(await client.poll())) await this.#signIn(client)
      await client.drain()
    }
    await this.#record()
    await this.bench.stop()
  }

  #disturb(): void {
    const { bench } = this
    const { chance, below, pick } = this.#luck
    if (chance(0.04)) bench.store.outage('TERR_NO_SWITCH')
    if (chance(0.06)) bench.store.loseHints(chance(0.4))
    if (chance(0.04)) pick([bench.a, bench.b]).store.doubt()
    if (chance(0.05)) pick([bench.a, bench.b]).restart()
    if (chance(0.25)) pick(this.clients).node = pick([bench.a, bench.b])
    bench.clock.advance(below(2_000))
    if (chance(0.05)) bench.clock.advance(60_000)
  }

  async #act(client: CwaClient): Promise<void> {
    const { chance } = this.#luck
    if (client.sid === 0 || chance(0.04)) return this.#signIn(client)
    if (chance(0.03)) {
      await client.ask({ request: 'terminateSession' })
      return this.#signIn(client)
    }
    if (chance(0.5)) return this.#poll(client)
    if (chance(0.15)) return this.#actElsewhere(client)
    await this.#ask(client)
  }

  async #ask(client: CwaClient): Promise<void> {
    switch (this.#luck.below(8)) {
      case 0:
        await client.invite(client.person.userName === 'anna' ? 'sip:ben@demo' : 'sip:anna@demo', this.#text())
        return
      case 1:
      case 2:
        await client.handle('acceptImSession')
        return
      case 3:
        if (this.#luck.chance(0.4)) await client.handle('terminateImSession')
        return
      default:
        await client.say(this.#text())
    }
  }

  /** The person does it by another facade. */
  async #actElsewhere({ node, person }: CwaClient): Promise<void> {
    const { tserver } = node.centre
    const call = await tserver.session(person.id)
    if (!call) return
    const { callUUID } = call
    const asked = this.#luck.pick([
      { request: 'TAnswerCall', person: person.id, callUUID },
      { request: 'TReleaseCall', person: person.id, callUUID },
      {
        request: 'TPrivateService',
        person: person.id,
        callUUID,
        serviceID: 5,
        contentType: 'text/plain',
        body: this.#text(),
      },
    ] as const)
    await tserver.request(asked).catch(() => undefined) // not now, says the T-Server
  }

  async #poll(client: CwaClient): Promise<void> {
    const { chance, below } = this.#luck
    const ackId = chance(0.8) ? client.ackId : chance(0.7) ? below(client.ackId + 1) : 1_000 + below(50)
    const answer = await client.send({ ackId })
    if (!answer || 'gap' in answer) return this.#signIn(client)
    const lived = this.#livedBy(client)
    if (ackId <= client.told.size) lived.acknowledged = Math.max(lived.acknowledged, ackId)
    if (chance(0.2)) return // it never arrives
    client.take(answer.events)
    client.ackId = Math.max(client.ackId, answer.events.at(-1)?.eid ?? 0)
  }

  async #signIn(client: CwaClient): Promise<void> {
    client.sid = 0
    await client.signIn()
    const { store } = this.bench
    const kept = await store.kept('cwaSession', `${client.person.id}:${client.sid}`)
    const { start } = JSON.parse(kept as string) as { start: Start }
    this.lived.push({ client, sid: client.sid, start, told: client.told, acknowledged: 0 })
    await this.#record()
    if (start.before.length === 0) await this.#expectWhole(client, start)
  }

  /** Beside others that live: all texts of what goes on. */
  async #expectWhole(client: CwaClient, start: Start): Promise<void> {
    const call = await this.bench.a.centre.tserver.session(client.person.id)
    expect(start.talk?.callUUID).toBe(call?.callUUID)
    if (call)
      expect(start.texts).toEqual({ after: 0, to: (await this.bench.store.readLog(call.callUUID, 0, 1_000)).length })
  }

  #livedBy(client: CwaClient): Lived {
    return this.lived.findLast((lived) => lived.client === client) as Lived
  }

  #text(): string {
    return `t${++this.#said}`
  }

  async #record(): Promise<void> {
    for (const [{ id }, feed] of this.feeds)
      feed.push(...(await this.bench.store.readFeed(id, feed.at(-1)?.offset ?? 0, 1_000)).entries)
  }

  /** What a session has to say from its start to the end of everything, worked out in one go. */
  async retold({ client, sid, start }: Lived): Promise<readonly CwaEvent[]> {
    const { centre } = this.bench.a
    const addresses = new Addresses(centre, this.bench.options)
    const viewer = { sid, participant: addresses.participant.bind(addresses) }
    const events: CwaEvent[] = []
    let place = firstPlace(start)
    while (place.log !== undefined) {
      const steps = await introduction(start, place, (after, limit) =>
        start.talk ? this.bench.store.readLog(start.talk.callUUID, after, limit) : Promise.resolve([]),
      )
      events.push(...steps.flatMap((step) => step.events.map(({ event }) => event)))
      place = steps.at(-1)?.after ?? place
    }
    for (const entry of this.feeds.get(client.person) ?? []) {
      if (entry.offset <= place.projection.offset) continue
      const step = feedStep(place.projection, entry, viewer, start)
      events.push(...step.events.map(({ event }) => event))
      place = step.after
    }
    return events
  }
}

function textsOf(events: Iterable<CwaEvent>): string[] {
  return [...events].flatMap((event) =>
    'message' in event && event.message.content !== '' ? [event.message.content] : [],
  )
}

/** A session's events are those of its start, whatever happened to nodes, answers and cursors. */
async function expectRetold(history: History): Promise<void> {
  for (const lived of history.lived) {
    const all = await history.retold(lived)
    const told = [...lived.told].sort(([a], [b]) => a - b).map(([, event]) => event)
    expect(told).toEqual(all.slice(0, told.length))
    if (lived.client.sid === lived.sid) expect(told).toHaveLength(all.length)
    const texts = textsOf(told)
    expect(texts).toEqual([...new Set(texts)])
  }
}

/** What a lost session had to tell and its client did not acknowledge, the one that goes on from it tells, in the same order. */
async function expectGoneOn(history: History): Promise<number> {
  let checked = 0
  for (const [i, next] of history.lived.entries()) {
    const mine = history.lived.slice(0, i).filter(({ client }) => client.person === next.client.person)
    const before = mine.filter(({ sid }) => next.start.before.includes(sid))
    if (before.length === 0) continue
    checked++
    const told = textsOf(await history.retold(next))
    const owed = await Promise.all(
      before.map(async (lost) => textsOf((await history.retold(lost)).slice(lost.acknowledged))),
    )
    // Of several it is the latest, unless that one had seen the conversation go elsewhere.
    expect(owed.some((texts) => texts.every((text) => told.includes(text)) && inOrder(texts, told))).toBe(true)
  }
  return checked
}

function inOrder(texts: readonly string[], told: readonly string[]): boolean {
  const places = texts.map((text) => told.indexOf(text))
  return places.every((place, i) => i === 0 || place > (places[i - 1] as number))
}

test('[UC-76] random histories: nothing is lost, repeated under another number, or out of order', {
  timeout: 120_000,
}, async () => {
  let goneOn = 0
  let texts = 0
  for (let seed = 1; seed <= 60; seed++) {
    try {
      const history = new History(seed, 1_000)
      await history.run(200)
      await expectRetold(history)
      goneOn += await expectGoneOn(history)
      texts += textsOf(history.lived.flatMap(({ told }) => [...told.values()])).length
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error })
    }
  }
  expect(goneOn).toBeGreaterThan(60)
  expect(texts).toBeGreaterThan(600)
})

test('[UC-76] random histories with feeds that are trimmed: a session that goes on has missed nothing', {
  timeout: 120_000,
}, async () => {
  for (let seed = 101; seed <= 140; seed++) {
    try {
      const history = new History(seed, 8)
      await history.run(200)
      await expectRetold(history)
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error })
    }
  }
})
