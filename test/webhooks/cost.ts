/**
 * What webhooks cost the texts: `node test/webhooks/cost.ts [embedded|redis] [seconds]`. Texts are accepted by the T-Server alone, on
 * the store, many at a time, by turns without webhooks, with one that gets no texts and with one that does. Prints texts a second.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { outboxStore, type Wanted } from '@ringdown/server/testing'
import { openEmbeddedStore, openRedisStore } from '@ringdown/session-store'
import { type CallUUID, createTServer, type DNumber, type SessionStore, textService } from '@ringdown/signalling'
import { demoDirectory, realClock, seededIds } from '@ringdown/signalling/testing'

const [kind = 'embedded', seconds = '3'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'ringdown-cost-'))
const socket = join(folder, 'redis.sock')
const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--dir', folder]
const redis = kind === 'redis' ? spawn('redis-server', ['--port', '0', '--unixsocket', socket, ...durable]) : undefined
const directory = demoDirectory()
const lanes = 64

async function open(): Promise<SessionStore> {
  const common = { centre: 'cost', node: 'n1', feedLimit: 10_000 }
  if (!redis) return openEmbeddedStore({ ...common, file: join(folder, 'cost.sqlite'), clock: realClock })
  await sleep(500)
  return openRedisStore({ ...common, connection: { url: socket } })
}

const types = new Set(['session.started', 'session.established', 'session.ended', 'text.accepted'] as const)
let wanted: Wanted | undefined
const store = await open()
const tserver = createTServer({
  ...{
    store: outboxStore(store, () => wanted),
    directory: () => directory,
    clock: realClock,
    ids: seededIds(1),
    node: 'n1',
  },
})

async function session(): Promise<{ callUUID: CallUUID; send: () => Promise<unknown> }> {
  for (const person of [...directory.persons.values()].filter(({ place }) => place !== undefined && place !== null)) {
    const [thisDN] = directory.places.get(person.place ?? '')?.dns ?? []
    if (!thisDN) continue
    await tserver.request({ request: 'TRegisterAddress', person: person.id, thisDN })
    await tserver.request({ request: 'TAgentLogin', person: person.id, thisDN, place: person.place ?? '' })
  }
  const person = directory.personsByUserName.get('anna')?.id
  if (!person) throw new Error('the demo has an anna')
  const [thisDN, otherDN] = ['7001', '7002'] as DNumber[]
  if (!thisDN || !otherDN) throw new Error('two numbers')
  const { callUUID } = await tserver.request({ request: 'TMakeCall', person, thisDN, otherDN })
  if (!callUUID) throw new Error('no call')
  const body = 'A text of the length that people write, more or less.'
  const text = {
    request: 'TPrivateService',
    person,
    callUUID,
    serviceID: textService,
    contentType: 'text/plain',
    body,
  } as const
  return { callUUID, send: () => tserver.request(text) }
}

async function rate(send: () => Promise<unknown>): Promise<number> {
  let count = 0
  const end = performance.now() + Number(seconds) * 1000
  const lane = async () => {
    for (; performance.now() < end; count++) await send()
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return count / Number(seconds)
}

try {
  const { send } = await session()
  await rate(send)
  const ways = {
    off: undefined,
    'without texts': { types, texts: false, hold: 10_000 },
    'with texts': { types, texts: true, hold: 10_000 },
  }
  const rates: Record<string, number[]> = {}
  for (let turn = 0; turn < 3; turn++)
    for (const [name, way] of Object.entries(ways)) {
      wanted = way
      rates[name] = [...(rates[name] ?? []), await rate(send)]
    }
  const median = (numbers: readonly number[] = []) => numbers.toSorted((a, b) => a - b)[1] ?? 0
  const off = median(rates.off)
  for (const [name, all] of Object.entries(rates))
    console.log(`${kind} ${name}: ${Math.round(median(all))} texts/s, ${(median(all) / off).toFixed(2)} of off`)
} finally {
  await store.close()
  redis?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
