import { seededRandom } from '@ringdown/signalling/testing'
import { describe, expect, test } from 'vitest'
import { type CometdBench, cometdBench, settle, type TestClient, type TestSink } from '../testing/cometd-bench.ts'

/** One random history: a client between two nodes that break, with replies that get lost and nodes that are slow to hear of each other. */
async function history(seed: number, { ack, lasting }: { ack: boolean; lasting: boolean }) {
  const source = seededRandom(seed)
  const random = () => source() / 2 ** 32
  const chance = (p: number) => random() < p
  const bench = cometdBench({ maxIntervalMs: 1e9 })
  const client = bench.client({ ack, lasting })
  const said: string[] = []
  const handshakes: number[] = []
  const forgotten: TestSink[] = []
  await client.start('/v2/me/im-sessions')
  let socket = client.sink()

  for (let step = 0; step < 60; step++) {
    if (chance(0.5)) {
      const texts = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, i) => `t${said.length + i}`)
      said.push(...texts)
      await bench.append(...texts)
    }
    if (chance(0.04)) bench.store.outage('TERR_NO_SWITCH')
    if (chance(0.1)) bench.store.loseHints(chance(0.5))
    if (chance(0.05)) (chance(0.5) ? bench.a : bench.b).store.doubt()
    if (chance(0.2)) bench.clock.advance(Math.floor(random() * 1_500))
    if (chance(0.05)) client.node.hub = restarted(bench, client)
    if (chance(0.3)) moveOn(bench, client)
    if (chance(0.03) && bench.store.healthy()) await client.subscribe(chance(0.5) ? '/**' : '/v2/me/devices')

    const sink = lasting ? socket : client.sink()
    const before = sink.written.length
    if (chance(0.05))
      client.lose() // the request never arrives
    else await client.poll({}, sink)
    bench.store.outage(undefined)
    if (chance(0.5)) await grow(bench, said)
    const answered = sink.written.length > before
    if (answered && chance(0.8)) {
      if (client.take(sink).advice?.reconnect === 'handshake') handshakes.push(step)
    } else {
      // The connection breaks: with or without an answer on it, and whether the node notices now, later, or never.
      client.lose()
      if (chance(0.5)) sink.close()
      else forgotten.push(sink)
      if (chance(0.2)) forgotten.pop()?.close()
      socket = client.sink()
      if (chance(0.3)) moveOn(bench, client)
    }
  }
  bench.store.loseHints(false)
  for (const { store } of [bench.a, bench.b]) store.doubt()
  await settle()
  client.lose()
  await client.drain()
  await bench.stop()
  return { client, said, handshakes }
}

function moveOn(bench: CometdBench, client: TestClient): void {
  client.node = client.node === bench.a ? bench.b : bench.a
}

/** The node is killed and started again; what is left of the old one only ever writes what does not count any more. */
function restarted(bench: CometdBench, client: TestClient) {
  return (client.node === bench.a ? bench.a : bench.b).makeHub()
}

async function grow(bench: CometdBench, said: string[]): Promise<void> {
  said.push(`t${said.length}`)
  await bench.append(`t${said.length - 1}`)
}

const kinds = [
  { ack: true, lasting: false },
  { ack: true, lasting: true },
  { ack: false, lasting: false },
  { ack: false, lasting: true },
]

describe.each(kinds)('random histories, ack $ack, websocket $lasting', (kind) => {
  test(`[CD-33] nothing is lost or out of order${kind.ack ? ', nothing comes twice' : ''}, nobody handshakes again`, async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { client, said, handshakes } = await history(seed, kind)
      expect(handshakes, `seed ${seed}`).toEqual([])
      const heard = client.said.filter((text) => text.startsWith('t'))
      expect(kind.ack ? heard : [...new Set(heard)], `seed ${seed}`).toEqual(said)
    }
  })
})
