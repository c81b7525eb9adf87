import {
  type CallUUID,
  createTServer,
  type DNumber,
  derivePersonID,
  type PersonID,
  type SessionStore,
  TServerError,
  textService,
} from '@ringdown/signalling'
import {
  demoDirectory,
  demoObjects,
  ManualClock,
  type MemoryStore,
  memoryStore,
  seededIds,
} from '@ringdown/signalling/testing'
import { describe, expect, test } from 'vitest'
import { exportSessions } from '../export-sessions.ts'
import type { OpenCentre } from '../open-centres.ts'
import { peopleOf } from '../people.ts'
import { jsonLines } from '../print-session.ts'
import { erasePerson } from './erase-person.ts'
import { erasedBody } from './erased.ts'
import { noCounts } from './report.ts'

const idOf = (name: string) => derivePersonID('demo', name)
const [anna, ben] = ['anna', 'ben'].map(idOf) as [PersonID, PersonID]
const secret = /XYZZY/

/** Anna and Ben have had a session with secrets of Anna's, and are in another where `living` says so. */
async function past(living = false) {
  const clock = new ManualClock()
  const store = memoryStore({ epoch: 'e', feedLimit: 1000, clock })
  const directory = demoDirectory()
  const tserver = createTServer({ store, directory: () => directory, clock, ids: seededIds(4), node: 'n' })
  for (const [person, dn] of [
    [anna, '7001'],
    [ben, '7002'],
  ] as const) {
    const at = { person, thisDN: dn as DNumber }
    await tserver.request({ request: 'TRegisterAddress', ...at })
    await tserver.request({ request: 'TAgentLogin', ...at, place: `Place_${dn}` })
  }
  const say = (person: PersonID, callUUID: CallUUID, body: string) =>
    tserver.request({
      request: 'TPrivateService',
      person,
      callUUID,
      serviceID: textService,
      contentType: 'text/plain',
      body,
    })
  const begin = async (userData: Record<string, string>) => {
    const call = { request: 'TMakeCall', person: anna, thisDN: '7001' as DNumber, otherDN: '7002' as DNumber } as const
    const text = { contentType: 'text/plain', body: 'XYZZY first' }
    const { callUUID } = await tserver.request({ ...call, userData, text })
    return callUUID as CallUUID
  }
  const first = await begin({ plan: 'XYZZY data' })
  await tserver.request({ request: 'TAnswerCall', person: ben, callUUID: first }).catch(() => undefined)
  await say(anna, first, 'XYZZY second')
  await say(ben, first, 'of Ben')
  await tserver.request({ request: 'TReleaseCall', person: ben, callUUID: first })
  const second = living ? await begin({}) : undefined
  for (const [kind, id, value] of [
    ['httpSession', 'h1', { person: anna }],
    ['httpSession', 'h2', { person: ben }],
    ['ticket', 't1', { person: anna }],
    ['cometdSession', 'c1', { person: anna }],
    ['cometdSession', 'c1 4', { confirmed: [1] }],
    ['cometdSession', 'c2', { person: ben }],
    ['cometdLogin', 'h1', [{ clientID: 'c1' }]],
    ['cometdLogin', 'h2', [{ clientID: 'c2' }]],
    ['cwaSession', `${anna}:7`, {}],
    ['cwaSession', `${anna}:7 cursor`, {}],
    ['cwaPerson', anna, {}],
  ] as const)
    await store.keep(kind, id, JSON.stringify(value), 1e9)
  await store.count('attempts', 'user anna', 1e9)
  await store.count('ticket', `issued ${anna}`, 1e9)
  for (const who of ['anna', 'ben']) {
    const content = JSON.stringify({ who, address: '', what: 'w', object: 'person anna', outcome: 'done' })
    await tserver.request({ request: 'TSendUserEvent', person: 'audit' as PersonID, client: { id: 'audit', content } })
  }
  return { clock, store, tserver, first, second, say }
}

function centreOf(store: SessionStore): OpenCentre {
  const file = demoObjects()
  return { id: 'demo', store, file, people: peopleOf(file) }
}

const erase = (store: SessionStore, clock: ManualClock, person = anna, more = {}) =>
  erasePerson({ centre: centreOf(store), clock, random: () => 'abcdef0123456789' }, person, {
    ...{ end: false, dryRun: false },
    ...more,
  })

/** All that the store holds, as text. */
async function everything(store: MemoryStore): Promise<string> {
  const parts: unknown[] = []
  for await (const piece of exportSessions(centreOf(store), {}, jsonLines)) parts.push(piece)
  for (const person of (await store.listNames({ feeds: true }, undefined, 100)).names)
    parts.push(await store.readFeed(person as PersonID, 0, 1000))
  for (const kind of ['call', 'dn', 'agent', 'mailbox'] as const)
    for (const id of (await store.listNames({ records: kind }, undefined, 100)).names)
      parts.push(await store.read({ records: [{ kind, id } as never], claims: [] }))
  for (const kind of [
    'httpSession',
    'ticket',
    'cometdSession',
    'cometdLogin',
    'cwaSession',
    'cwaPerson',
    'attempts',
  ] as const)
    for (const id of (await store.listNames({ kept: kind }, undefined, 100)).names)
      parts.push(kind, id, await store.kept(kind, id))
  return JSON.stringify(parts)
}

test('[RC-10] [RC-11] [RC-12] texts, user data, traces of the person: all is gone, and what is of others stays', async () => {
  const { store, clock, first } = await past()
  expect(await everything(store)).toMatch(secret)
  const report = await erase(store, clock)
  expect(report.erased).toEqual({
    ...{ sessions: 1, texts: 2, waiting: 0, calls: 1, logins: 1, kept: 10, audit: 2, objects: 0 },
    copies: expect.any(Number),
    feed: expect.any(Number),
  })
  clock.advance(2_000)
  const all = await everything(store)
  expect(all).not.toMatch(secret)
  expect(all).not.toContain(anna)
  expect(all).not.toMatch(/\banna\b/)
  const log = await store.readLog(first, 0, 10)
  expect(log.map(({ position, text }) => [position, text.from, text.body, text.erased])).toEqual([
    [1, '7001', erasedBody, true],
    [2, '7001', erasedBody, true],
    [3, '7002', 'of Ben', undefined],
  ])
  // Ben's feed tells the same, at the same offsets.
  const { entries, first: lowest } = await store.readFeed(ben, 0, 1000)
  expect(lowest).toBe(1)
  expect(
    entries.flatMap(({ event }) => (event.event === 'EventPrivateInfo' ? event.extensions.text.body : [])),
  ).toEqual([erasedBody, erasedBody])
  // Offsets of her own go on: who comes back is told of a gap.
  const own = await store.readFeed(anna, 0, 10)
  expect([own.first, own.entries]).toEqual([own.last + 1, []])
  expect(own.last).toBeGreaterThan(5)
  expect(await store.kept('httpSession', 'h2')).toBeDefined()
  expect(await store.kept('cometdLogin', 'h2')).toBeDefined()
  const audit = await store.readFeed('audit' as PersonID, 0, 10)
  const deeds = audit.entries.flatMap(({ event }) =>
    event.event === 'EventUserEvent' && 'client' in event.extensions ? JSON.parse(event.extensions.client.content) : [],
  )
  expect(deeds.map(({ who, object }) => [who, object])).toEqual([
    ['erased-abcdef01', 'person erased-abcdef01'],
    ['ben', 'person erased-abcdef01'],
    ['ringdown erase', 'erased-abcdef01'],
  ])
})

test('[RC-13] a session they are in refuses it, and nothing is erased; --end ends it', async () => {
  const { store, clock, second, tserver } = await past(true)
  const before = await everything(store)
  await expect(erase(store, clock)).rejects.toThrow(`anna is in session ${second}: nothing was erased`)
  expect(await everything(store)).toBe(before)
  const { erased } = await erase(store, clock, anna, { end: true })
  expect(erased).toMatchObject({ sessions: 2, texts: 3 })
  expect(await tserver.session(ben)).toBeUndefined()
  expect((await tserver.call(ben, second as CallUUID))?.end).toMatchObject({ by: '7001' })
  clock.advance(2_000)
  expect(await everything(store)).not.toMatch(secret)
})

test('[RC-15] a dry run counts the same and changes nothing', async () => {
  const { store, clock } = await past()
  const before = await everything(store)
  const dry = await erase(store, clock, anna, { dryRun: true })
  expect(await everything(store)).toBe(before)
  const { erased } = await erase(store, clock)
  // Logging out adds to their feed before it is erased.
  expect({ ...dry.erased, feed: 0 }).toEqual({ ...erased, feed: 0 })
})

test('[RC-16] done twice, it finds nothing the second time', async () => {
  const { store, clock } = await past()
  await erase(store, clock)
  clock.advance(2_000)
  expect((await erase(store, clock)).erased).toEqual(noCounts)
})

test('[RC-16] cut off at any step and repeated, it comes to the same end', async () => {
  const steps = ['commit', 'rewriteFeed', 'rewriteLog', 'trimFeed', 'forget', 'putObject'] as const
  let cuts = 0
  for (let after = 0; ; after++) {
    const { store, clock } = await past()
    let left = after
    const failing = new Proxy(store, {
      get(target, name) {
        const value = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...words: unknown[]) => {
          if ((steps as readonly unknown[]).includes(name) && left-- === 0) throw new TServerError('TERR_NO_SWITCH')
          return value.apply(target, words)
        }
      },
    })
    const isWhole = await erase(failing, clock).then(
      () => true,
      () => false,
    )
    if (isWhole) break
    cuts++
    await erase(store, clock)
    clock.advance(2_000)
    const all = await everything(store)
    expect(all).not.toMatch(secret)
    expect(all).not.toContain(anna)
  }
  expect(cuts).toBeGreaterThan(10)
})

test('[RC-12] who was made through the API is removed; what the API changed of one of the file stays removed', async () => {
  const { store, clock } = await past()
  const eve = 'e'.repeat(32) as PersonID
  await store.putObject({ kind: 'person', id: eve, value: { id: eve, userName: 'eve' } }, 0)
  await store.putObject({ kind: 'person', id: anna, value: { id: anna, userName: 'anna', firstName: 'New' } }, 1)
  expect((await erase(store, clock, eve)).erased.objects).toBe(1)
  const report = await erase(store, clock)
  expect(report.erased.objects).toBe(1)
  expect(report.left[0]).toMatch(/^the person in the configuration file, under contact centre demo/)
  expect((await store.readObjects()).objects).toEqual([{ kind: 'person', id: anna, value: { removed: true } }])
})

describe('who logs in again while they are erased', () => {
  const back = async ({ tserver }: Awaited<ReturnType<typeof past>>) => {
    const at = { person: anna, thisDN: '7001' as DNumber }
    await tserver.request({ request: 'TRegisterAddress', ...at })
    await tserver.request({ request: 'TAgentLogin', ...at, place: 'Place_7001' })
    const text = { contentType: 'text/plain', body: 'XYZZY again' }
    await tserver.request({ request: 'TMakeCall', ...at, otherDN: '7002' as DNumber, text })
  }

  test.each(['listSessions', 'listNames', 'rewriteLog', 'trimFeed'] as const)(
    '[RC-13] [RC-16] and begins a session is told to be left, and the session lives: at %s',
    async (step) => {
      const made = await past()
      const { clock, store, tserver } = made
      const before = store[step].bind(store) as (...words: unknown[]) => unknown
      let done = false
      Object.assign(store, {
        [step]: async (...words: unknown[]) => {
          const isMailboxes = step === 'listNames' && JSON.stringify(words[0]).includes('mailbox')
          if (!done && !isMailboxes) {
            done = true
            await back(made)
          }
          return before(...words)
        },
      })
      await expect(erase(store, clock)).rejects.toThrow(/anna has begun session \S+ meanwhile.*run it again/)
      const session = await tserver.session(anna)
      expect(session?.parties).toMatchObject([{ agent: anna }, { agent: ben }])
      await tserver.request({ request: 'TReleaseCall', person: anna, callUUID: session?.callUUID as CallUUID })
      await erase(store, clock)
      expect(await everything(store)).not.toMatch(secret)
    },
  )
})
