import { afterEach, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { freePorts } from '../scenario/endpoint.ts'
import { deafCollector } from './homer.ts'
import { Stage } from './stage.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function closes<T extends { close(): Promise<void> }>(opened: T): T {
  closing.push(() => opened.close())
  return opened
}

/** Collectors that are no good, and the reason that is counted. */
const dead: readonly [name: string, reason: string, settings: () => Promise<object>][] = [
  [
    'a UDP port where nobody listens',
    'refused',
    async () => ({ host: '127.0.0.1', port: (await freePorts(1))[0], transport: 'udp' }),
  ],
  [
    'a TCP port where nobody listens',
    'unreachable',
    async () => ({ host: '127.0.0.1', port: (await freePorts(1))[0], transport: 'tcp' }),
  ],
  ['a name that does not resolve', 'unresolved', async () => ({ host: 'collector.invalid', transport: 'udp' })],
  [
    'one that takes connections and reads nothing',
    'full',
    async () => ({ host: '127.0.0.1', port: closes(await deafCollector()).port, transport: 'tcp' }),
  ],
]

test.each(dead)('[HP-4, HP-5] %s holds up nothing', async (_name, reason, settings) => {
  const bufferBytes = 65_536
  const stage = closes(await Stage.open({ hep: { ...(await settings()), bufferBytes } }))
  const phone = await stage.phone('8001', 'tcp')
  const anna = await stage.desk(0)
  await anna.calls('8001')
  await anna.sees('Initiating', { peer: '8001' })
  await anna.sees('Talking', { peer: '8001' })
  // More than the system keeps of a connection on our behalf.
  const long = 'x'.repeat(15_000)
  let number = 0
  const talk = async () => {
    const texts = Array.from({ length: 20 }, () => `${number++} ${long}`)
    // All at once: nobody promises an order between requests that are under way together.
    await Promise.all(texts.map((text) => anna.says(text)))
    const heard: string[] = []
    for (const _ of texts) heard.push((await phone.isSent()).body)
    expect(heard.sort()).toEqual(texts.sort())
    return (await stage.figure('ringdown_hep_drops_total', `reason="${reason}"`)) > 10
  }
  await until(talk, 45_000, `nothing was dropped for ${reason}`)
  expect(await stage.figure('ringdown_hep_queued_bytes')).toBeLessThanOrEqual(bufferBytes)
  expect(await stage.figure('ringdown_ready')).toBe(1)
  await anna.completes()
})
