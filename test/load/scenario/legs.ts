import type { RunningEngine } from '../legs/engine.ts'
import { type Pairing, pairings } from '../legs/protocol.ts'
import { enter } from '../legs/stage.ts'
import type { Window } from '../protocol.ts'
import { type Column, medians, type Row, rowOf } from '../report/result.ts'
import type { Store } from '../subject/ringdown.ts'
import type { Context, Scenario } from './scenario.ts'

/** Pairs that talk at the same time. */
const PAIRS = 32
/** Texts a second in the open loop: what a busy centre of some thousand agents writes. */
const OPEN_RATE = 300
/** Of a window's usual length. */
const SHORTER = 0.75
/** Texts in one session, for what they leave behind. */
const MANY = 20_000
/** How many of them are under way. */
const AT_ONCE = 8
/** SIP keeps answers for repetitions for 32 s (timer J). */
const ABSORBED_MS = 34_000

const columns: Column[] = [
  { figure: 'textsPerSecond', title: 'texts/s', digits: 0 },
  { figure: 'serverUsPerText', title: 'µs/text', digits: 1 },
  { figure: 'storeUsPerText', title: 'redis µs/text', digits: 1 },
  { figure: 'p50', title: 'p50 ms', digits: 2 },
  { figure: 'p99', title: 'p99 ms', digits: 2 },
  { figure: 'openRate', title: 'open: /s', digits: 0 },
  { figure: 'openP50', title: 'p50', digits: 2 },
  { figure: 'openP99', title: 'p99', digits: 2 },
  { figure: 'openAnswerP99', title: 'answer p99', digits: 2 },
  { figure: 'serverBusy', title: 'server %', digits: 0 },
  { figure: 'generatorBusy', title: 'gen. %', digits: 0 },
  { figure: 'othersBusy', title: 'others %', digits: 0 },
  { figure: 'heapBefore', title: 'heap MB', digits: 1 },
  { figure: 'heapAfter', title: 'after', digits: 1 },
  { figure: 'heapLater', title: '34 s later', digits: 1 },
]

interface Setting {
  pairing: Pairing
  store: Store
}

const settings: readonly Setting[] = (['embedded', 'redis always'] as const).flatMap((store) =>
  pairings.map((pairing) => ({ pairing, store })),
)
const nameOf = ({ pairing, store }: Setting) => `${pairing} ${store}`

async function measure(context: Context, setting: Setting): Promise<Row> {
  const { pace } = context
  const seconds = pace.seconds * SHORTER
  const name = nameOf(setting)
  const stage = await enter(setting, PAIRS)
  const { engine, generator, calls } = stage
  try {
    const windows: Window[] = []
    for (let i = 0; i < Math.min(2, pace.repeat); i++)
      windows.push(await calls.call('closedLoop', { warmUp: i === 0 ? pace.warmUp / 2 : 0.3, seconds }))
    const open = await calls.call('openLoop', { rate: OPEN_RATE, warmUp: 0.5, seconds })
    const openRow = rowOf(name, {}, [open])
    await profile(context, name, engine, () => calls.call('closedLoop', { warmUp: 0, seconds: pace.seconds }))
    const row = rowOf(name, { subject: 'ringdown', pairing: setting.pairing, store: setting.store }, windows, {
      openRate: openRow.figures.textsPerSecond ?? 0,
      openP50: openRow.figures.p50 ?? 0,
      openP99: openRow.figures.p99 ?? 0,
      openAnswerP99: openRow.figures.answerP99 ?? 0,
    })
    row.figures.storeUsPerText = row.figures.storeUs ?? 0
    row.notes.push(...openRow.notes.map((note) => `open loop: ${note}`))
    const said = generator.output().trim()
    if (said !== '') row.notes.push(`the generator said: ${said.slice(0, 300)}`)
    const { textsPerSecond = 0, serverUsPerText = 0, openP50 = 0, openP99 = 0 } = row.figures
    context.say(
      `  ${name}: ${textsPerSecond.toFixed(0)} texts/s, ${serverUsPerText.toFixed(1)} µs each; at ${OPEN_RATE}/s p50 ${openP50.toFixed(2)} p99 ${openP99.toFixed(2)} ms`,
    )
    return row
  } finally {
    await stage.stop()
  }
}

async function profile(context: Context, name: string, { probe }: RunningEngine, run: () => Promise<unknown>) {
  if (context.profiles === undefined) return
  const file = `${context.profiles}/legs-${name.replaceAll(/[^\w]+/g, '-')}.cpuprofile`
  await probe.call('startProfile', null)
  await run()
  await probe.call('stopProfile', file)
  context.say(`  profile: ${file}`)
}

const growthName = `${MANY} MESSAGE → one agent`

/** Many texts to one agent in one session; what of them is left when SIP has forgotten them. */
async function growth(context: Context): Promise<{ later: () => Promise<Row>; stop: () => Promise<void> }> {
  const name = growthName
  const stage = await enter({ pairing: 'MESSAGE → agent', store: 'embedded' }, 1)
  const { engine, calls } = stage
  const heap = async () => (await engine.probe.call('memory', null)).heapUsed / 2 ** 20
  try {
    // What is compiled and allocated once is not theirs.
    await calls.call('send', { texts: MANY / 10, atOnce: AT_ONCE })
    const before = await heap()
    const sent = await calls.call('send', { texts: MANY, atOnce: AT_ONCE })
    const after = await heap()
    const finished = performance.now()
    context.say(`  ${name}: ${(MANY / sent.seconds).toFixed(0)}/s, ${AT_ONCE} at once`)
    const later = async (): Promise<Row> => {
      const left = ABSORBED_MS - (performance.now() - finished)
      if (left > 0) await new Promise((resolve) => setTimeout(resolve, left))
      const figures = {
        textsPerSecond: MANY / sent.seconds,
        heapBefore: before,
        heapAfter: after,
        heapLater: await heap(),
      }
      context.say(
        `  ${name}: heap ${before.toFixed(1)} MB before, ${after.toFixed(1)} after, ${figures.heapLater.toFixed(1)} when SIP has forgotten them`,
      )
      const notes = sent.lost + sent.refused > 0 ? [`${sent.lost} lost, ${sent.refused} refused: ${sent.refusal}`] : []
      return {
        name,
        labels: { subject: 'ringdown', store: 'embedded' },
        figures: medians([figures]),
        runs: [figures],
        notes,
      }
    }
    return { later, stop: stage.stop }
  } catch (error) {
    await stage.stop()
    throw error
  }
}

export const legs: Scenario = {
  name: 'legs',
  summary: 'the whole engine, durable: texts from SIP MESSAGE and MSRP to agents and endpoints',
  async run(context) {
    const rows: Row[] = []
    const failed = (name: string, error: unknown) => {
      const why = error instanceof Error ? error.message : String(error)
      context.say(`  ${name} failed: ${why.slice(0, 600)}`)
      rows.push({ name, labels: { subject: 'ringdown' }, figures: {}, runs: [], notes: [why.slice(0, 600)] })
    }
    let growing: Awaited<ReturnType<typeof growth>> | undefined
    try {
      // It waits for SIP's timers while the others are measured.
      if (context.wanted(growthName) && !context.pace.quick)
        growing = await growth(context).catch((error: unknown) => {
          failed('growth', error)
          return undefined
        })
      for (const setting of settings) {
        if (context.stopped.aborted || !context.wanted(nameOf(setting))) continue
        if (context.pace.quick && setting.store !== 'embedded') continue
        try {
          rows.push(await measure(context, setting))
        } catch (error) {
          failed(nameOf(setting), error)
        }
      }
      if (growing) rows.push(await growing.later())
    } finally {
      await growing?.stop()
    }
    return {
      scenario: 'legs',
      title: 'The engine with SIP and MSRP legs, durable',
      columns,
      charts: [{ kind: 'bars', title: 'CPU of the engine for each text, µs', figure: 'serverUsPerText' }],
      rows,
      method: `${PAIRS} pairs. A text is taken from the wire, decided, committed (embedded: fsync before it is answered; redis always: appendfsync always), answered, and sent on over the other leg; "MESSAGE → agent" ends at a CometD client on WebSocket with ack. In pairs of endpoints both write. Closed loop: each writer sends its next text when the last one was answered and seen. Open loop: ${OPEN_RATE} texts a second at random moments. p50 and p99 run from when a text should have been sent to when its reader has it. Endpoints have a configured contact, so that nothing is challenged. "${MANY} MESSAGE → one agent": heap of the engine after garbage collection.`,
    }
  },
}
