/** A generator process: started by the driver, pinned to its own core, told what to do over IPC. */
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BayeuxMessage } from '@ringdown/server/testing'
import { readBusy, readUse } from '../proc.ts'
import type { Crowd, GeneratorCalls, Target, Window } from '../protocol.ts'
import { serve } from '../rpc.ts'
import { Gathering, type Hears } from './crowd.ts'
import { Ledger } from './ledger.ts'
import { closedLoop, type Load, openLoop } from './load.ts'
import { SessionWatch, sessionLoop } from './session-loop.ts'

const ledger = new Ledger()
const watch = new SessionWatch()
let gathering: Gathering | undefined
let crowd: Crowd | undefined
let lastEvent: BayeuxMessage | undefined
/** Bytes of the last event of UC AJAX, polls answered so far, and their bytes. */
let lastBytes = 0
let polls = 0
let pollBytes = 0

function onEvent(message: BayeuxMessage, agent: number): void {
  const text = (message.data as { message?: unknown }).message
  if (typeof text !== 'string') watch.hear(message, agent)
  else {
    lastEvent = message
    ledger.delivered(text, agent)
  }
}

const hears: Hears = {
  onEvent,
  onText(text, agent, bytes) {
    lastBytes = bytes
    ledger.delivered(text, agent)
  },
  onPoll(bytes) {
    polls++
    pollBytes += bytes
  },
}

function present(): { gathering: Gathering; crowd: Crowd } {
  if (!gathering || !crowd) throw new Error('nobody has been gathered yet')
  return { gathering, crowd }
}

/** CPU time so far: of the servers, of the store, of this process. */
function cpu(target: Target): Window['cpu'] {
  return {
    server: target.serverPids.reduce((sum, pid) => sum + readUse(pid).cpuUs, 0),
    store: target.storePid === undefined ? 0 : readUse(target.storePid).cpuUs,
    generator: readUse(process.pid).cpuUs,
  }
}

/** Lets a load warm up, then measures it for so many seconds. */
async function measured(load: Load, warmUp: number, seconds: number): Promise<Window> {
  const { gathering } = present()
  await sleep(warmUp * 1000)
  ledger.restart()
  const began = performance.now()
  const before = cpu(gathering.target)
  const busyBefore = readBusy()
  const [pollsBefore, pollBytesBefore] = [polls, pollBytes]
  await sleep(seconds * 1000)
  const after = cpu(gathering.target)
  const busy = readBusy() - busyBefore
  const took = (performance.now() - began) / 1000
  const { tally } = ledger
  const { texts, deliveries } = tally
  const polled = { polls: polls - pollsBefore, pollBytes: pollBytes - pollBytesBefore }
  await load.stop()
  const used = {
    server: after.server - before.server,
    store: after.store - before.store,
    generator: after.generator - before.generator,
  }
  return {
    seconds: took,
    texts,
    deliveries,
    lost: tally.lost,
    duplicates: tally.duplicates,
    refused: tally.refused,
    refusal: tally.refusal,
    faults: gathering.faults,
    fault: gathering.fault,
    cpu: used,
    othersUs: Math.max(0, busy - used.server - used.store - used.generator),
    eventBytes: lastEvent ? Buffer.byteLength(JSON.stringify(lastEvent)) : lastBytes,
    ...(polled.polls > 0 && polled),
    post: tally.post.toJSON(),
    peer: tally.peer.toJSON(),
    echo: tally.echo.toJSON(),
    late: tally.late.toJSON(),
  }
}

serve<GeneratorCalls>({
  aim(target) {
    gathering?.close()
    gathering = new Gathering(target, hears)
    crowd = undefined
  },
  async gather(asked) {
    if (!gathering) throw new Error('no target yet')
    const began = performance.now()
    const before = cpu(gathering.target).server
    await gathering.add(asked)
    crowd = asked
    return { ms: performance.now() - began, cpuUs: cpu(gathering.target).server - before }
  },
  idle({ seconds }) {
    return measured({ stop: () => Promise.resolve() }, 0, seconds)
  },
  closedLoop({ posters, warmUp, seconds, until }) {
    const { gathering, crowd } = present()
    return measured(closedLoop(ledger, gathering.lanes, posters, crowd.textLength, until), warmUp, seconds)
  },
  openLoop({ rate, warmUp, seconds }) {
    const { gathering, crowd } = present()
    return measured(openLoop(ledger, gathering.lanes, rate, crowd.textLength), warmUp, seconds)
  },
  sessionLoop({ posters, warmUp, seconds }) {
    const { gathering } = present()
    return measured(
      sessionLoop(() => ledger.tally, watch, gathering.agents, posters),
      warmUp,
      seconds,
    )
  },
})
