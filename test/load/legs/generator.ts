/** The generator of endpoints and agents: started by the driver, pinned to its own core, told what to do over IPC. */
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Gathering } from '../generator/crowd.ts'
import { Ledger } from '../generator/ledger.ts'
import type { Load } from '../generator/load.ts'
import { dnOf } from '../generator/tongue.ts'
import { readBusy, readUse } from '../proc.ts'
import type { Window } from '../protocol.ts'
import { serve } from '../rpc.ts'
import { Endpoints } from './endpoints.ts'
import { closedLoop, openLoop, type SendText } from './load.ts'
import { type EndpointCalls, type EngineTarget, endpointOf, type Pairing } from './protocol.ts'

const ledger = new Ledger()
const endpoints = await Endpoints.open((text) => ledger.delivered(text, 0))
const lanes: SendText[] = []
let gathering: Gathering | undefined
let target: EngineTarget | undefined

/** Both ways between two endpoints, or from an endpoint to an agent. */
async function lanesOf(pairing: Pairing, pair: number): Promise<SendText[]> {
  const [one, other] = [2 * pair, 2 * pair + 1]
  switch (pairing) {
    case 'MESSAGE → agent':
      return [(text) => endpoints.message(one, dnOf(pair), text)]
    case 'MESSAGE → MESSAGE':
      return [
        (text) => endpoints.message(one, endpointOf(other), text),
        (text) => endpoints.message(other, endpointOf(one), text),
      ]
    case 'MSRP → MSRP': {
      const inviting = await endpoints.invite(one, endpointOf(other))
      const invited = endpoints.invited.get(endpointOf(other))
      if (!invited) throw new Error('nobody was invited')
      return [(text) => endpoints.say(inviting, text), (text) => endpoints.say(invited, text)]
    }
  }
}

/** CPU time so far: of the engine, of its store, of this process. */
function cpu(): Window['cpu'] {
  if (!target) throw new Error('no target yet')
  return {
    server: readUse(target.serverPid).cpuUs,
    store: target.storePid === undefined ? 0 : readUse(target.storePid).cpuUs,
    generator: readUse(process.pid).cpuUs,
  }
}

/** Lets a load warm up, then measures it for so many seconds. */
async function measured(load: Load, warmUp: number, seconds: number): Promise<Window> {
  await sleep(warmUp * 1000)
  ledger.restart()
  const [began, before, busyBefore] = [performance.now(), cpu(), readBusy()]
  await sleep(seconds * 1000)
  const [after, busy] = [cpu(), readBusy() - busyBefore]
  const took = (performance.now() - began) / 1000
  const { tally } = ledger
  const { texts, deliveries } = tally
  await load.stop()
  const used = {
    server: after.server - before.server,
    store: after.store - before.store,
    generator: after.generator - before.generator,
  }
  const { lost, duplicates, refused, refusal, post, peer, echo, late } = tally
  return {
    seconds: took,
    texts,
    deliveries,
    lost,
    duplicates,
    refused,
    refusal,
    faults: gathering?.faults ?? 0,
    fault: gathering?.fault ?? '',
    cpu: used,
    othersUs: Math.max(0, busy - used.server - used.store - used.generator),
    eventBytes: 0,
    post: post.toJSON(),
    peer: peer.toJSON(),
    echo: echo.toJSON(),
    late: late.toJSON(),
  }
}

serve<EndpointCalls>({
  listen: () => ({ sip: endpoints.port }),
  async join({ pairing, pairs, target: engine }) {
    target = engine
    endpoints.engine = engine.sip
    if (pairing === 'MESSAGE → agent') {
      const to = { subject: 'ringdown', ports: [engine.http], serverPids: [engine.serverPid] } as const
      gathering = new Gathering(
        { ...to, ports: [...to.ports], serverPids: [...to.serverPids] },
        {
          onEvent: ({ data }, agent) => {
            const text = (data as { message?: unknown }).message
            if (typeof text === 'string') ledger.delivered(text, agent)
          },
        },
      )
      const crowd = { transport: 'ws', ack: true, from: 0, count: pairs, clients: 'all', sessions: false } as const
      await gathering.add({ ...crowd, textLength: 0, fanOut: 1 })
    }
    for (let pair = 0; pair < pairs; pair++) lanes.push(...(await lanesOf(pairing, pair)))
    // The first text of a MESSAGE pair opens its session: one direction before the other.
    let left = 2 * lanes.length
    await closedLoop(
      ledger,
      lanes.filter((_, i) => lanes.length === pairs || i % 2 === 0),
      () => left-- > 0,
    ).ended
    if (ledger.tally.refused > 0) throw new Error(`refused: ${ledger.tally.refusal}`)
    if (ledger.tally.lost > 0) throw new Error(`${ledger.tally.lost} first texts were not seen`)
  },
  closedLoop: ({ warmUp, seconds }) => measured(closedLoop(ledger, lanes), warmUp, seconds),
  openLoop: ({ rate, warmUp, seconds }) => measured(openLoop(ledger, lanes, rate), warmUp, seconds),
  async send({ texts, atOnce }) {
    ledger.restart()
    let left = texts
    const began = performance.now()
    const each = lanes.flatMap((lane) => Array<SendText>(atOnce).fill(lane))
    await closedLoop(ledger, each, () => left-- > 0).ended
    const { lost, refused, refusal } = ledger.tally
    return { seconds: (performance.now() - began) / 1000, lost, refused, refusal }
  },
})
