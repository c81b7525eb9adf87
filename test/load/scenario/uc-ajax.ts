import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningGenerator } from '../generator/remote.ts'
import type { Crowd, Window } from '../protocol.ts'
import { type Column, figuresOf, type Row, rowOf } from '../report/result.ts'
import type { Store } from '../subject/ringdown.ts'
import type { RunningSubject } from '../subject/subject.ts'
import { memoryOf } from './idle.ts'
import { type Context, labelsOf, runEach, type Scenario, type Setting } from './scenario.ts'
import { repeated } from './texts.ts'

/** How long the server holds polls where it does, milliseconds: as long as CometD holds a connect. */
const HOLD_MS = 30_000
/** Texts a second, at random moments. */
const RATE = 300
/** People who write at the same time. */
const POSTERS = 32
/** Characters of a text. */
const TEXT = 40
/** So many that nobody is told more between two polls than goes into one answer, 128 events. */
const TALKERS = 400

/** One way of hearing: CometD's long-polling, UC AJAX as it is documented, and UC AJAX with polls that are held. */
interface Way extends Setting {
  way: 'cometd lp' | 'uc ajax' | 'uc ajax held'
  measures: 'texts' | 'idle'
}

const columns: Column[] = [
  { figure: 'textsPerSecond', title: 'texts/s', digits: 0 },
  { figure: 'deliveriesPerSecond', title: 'deliveries/s', digits: 0 },
  { figure: 'serverUsPerText', title: 'µs/text', digits: 0 },
  { figure: 'storeUsPerText', title: 'redis µs', digits: 0 },
  { figure: 'answerP50', title: 'answer p50', digits: 2 },
  { figure: 'openP50', title: 'p50 ms', digits: 1 },
  { figure: 'openP99', title: 'p99 ms', digits: 1 },
  { figure: 'openAnswerP99', title: 'answer p99', digits: 1 },
  { figure: 'serverUsPerPoll', title: 'µs/poll', digits: 0 },
  { figure: 'pollsPerSecond', title: 'polls/s', digits: 0 },
  { figure: 'pollBytes', title: 'B/poll', digits: 0 },
  { figure: 'idleUsPerSecond', title: 'µs/client-s', digits: 1 },
  { figure: 'heapPer', title: 'heap kB/client', digits: 1 },
  { figure: 'rssPer', title: 'RSS kB/client', digits: 1 },
  { figure: 'loginUs', title: 'µs/sign-in', digits: 0 },
  { figure: 'serverBusy', title: 'server %', digits: 0 },
  { figure: 'generatorBusy', title: 'gen. %', digits: 0 },
  { figure: 'othersBusy', title: 'others %', digits: 0 },
]

function settingsFor(quick: boolean): Way[] {
  const ways = (measures: Way['measures'], agents: number, store: Store): Way[] => [
    { way: 'cometd lp', measures, subject: 'ringdown', transport: 'lp', ack: true, agents, store },
    { way: 'uc ajax', measures, subject: 'ringdown', transport: 'uc', ack: false, agents, store },
    { way: 'uc ajax held', measures, subject: 'ringdown', transport: 'uc', ack: false, agents, store, holdMs: HOLD_MS },
  ]
  const sizes = quick ? [1000] : [2000, 10_000]
  return [
    ...ways('texts', TALKERS, 'embedded'),
    ...ways('texts', TALKERS, 'redis always'),
    ...sizes.flatMap((agents) => ways('idle', agents, 'embedded')),
  ]
}

const nameOfWay = ({ way, measures, store, agents }: Way) => `${measures} ${way} ${store} ${agents}`

/** Logs the agents of a setting in and lets them all listen. */
function gather({ transport, ack, agents, holdMs, measures }: Way, generator: RunningGenerator) {
  const crowd: Crowd = {
    transport,
    ack,
    from: 0,
    count: agents,
    clients: 'all',
    sessions: measures === 'texts',
    textLength: TEXT,
    fanOut: 2,
    // Who asks a server that holds polls has no reason to wait.
    waits: holdMs === undefined,
  }
  return generator.call('gather', crowd)
}

/** Server time for each poll, and what a poll brings over the network. */
function pollFigures({ seconds, cpu, polls = 0, pollBytes = 0 }: Window): Record<string, number> {
  if (polls === 0) return {}
  return { serverUsPerPoll: cpu.server / polls, pollsPerSecond: polls / seconds, pollBytes: pollBytes / polls }
}

/** As many texts as the server takes, then a steady number of them at random moments. */
async function texts(context: Context, setting: Way, generator: RunningGenerator): Promise<Row> {
  const { pace } = context
  await gather(setting, generator)
  const load = { posters: POSTERS, seconds: pace.seconds, until: 'accepted' as const }
  const windows = await repeated(context, (warmUp) => generator.call('closedLoop', { ...load, warmUp }))
  const open = await generator.call('openLoop', { rate: RATE, warmUp: 2, seconds: pace.seconds * 2 })
  const { p50 = 0, p99 = 0, answerP99 = 0 } = figuresOf(open)
  const row = rowOf(nameOfWay(setting), labelsOf(setting), windows, {
    openP50: p50,
    openP99: p99,
    openAnswerP99: answerP99,
  })
  const texts = windows.reduce((sum, window) => sum + window.texts, 0)
  row.figures.storeUsPerText = windows.reduce((sum, { cpu }) => sum + cpu.store, 0) / texts
  row.notes.push(...notesOfOpen(open))
  return row
}

function notesOfOpen({ lost, refused, refusal }: Window): string[] {
  return lost + refused === 0 ? [] : [`open loop: ${lost} not seen in 5 s, ${refused} refused ${refusal}`]
}

/** What a client costs that hears nothing. */
async function idle(
  context: Context,
  setting: Way,
  subject: RunningSubject,
  generator: RunningGenerator,
): Promise<Row> {
  const { agents } = setting
  const base = await memoryOf(subject)
  const login = await gather(setting, generator)
  // Until every client has polled twice: the first polls bring the beginning of the session.
  await sleep(7_000)
  const memory = await memoryOf(subject)
  const seconds = context.pace.quick ? 6 : 12
  const window = await generator.call('idle', { seconds })
  const kB = (more: number, less: number) => (more - less) / 1024 / agents
  const { serverBusy = 0, generatorBusy = 0, othersBusy = 0 } = figuresOf(window)
  const figures = {
    ...pollFigures(window),
    idleUsPerSecond: window.cpu.server / window.seconds / agents,
    heapPer: kB(memory.heapUsed, base.heapUsed),
    rssPer: kB(memory.rss, base.rss),
    loginUs: login.cpuUs / agents,
    ...{ serverBusy, generatorBusy, othersBusy },
  }
  const notes = window.faults > 0 ? [`${window.faults} clients broke, first: ${window.fault}`] : []
  return { name: nameOfWay(setting), labels: labelsOf(setting), figures, runs: [figures], notes }
}

export const ucAjax: Scenario = {
  name: 'uc-ajax',
  summary: 'UC AJAX beside CometD long-polling: durable texts per second, and what a poll and an idle client cost',
  async run(context) {
    const rows = await runEach(
      context,
      settingsFor(context.pace.quick),
      async (setting, subject, generator) => {
        const row =
          setting.measures === 'texts'
            ? await texts(context, setting, generator)
            : await idle(context, setting, subject, generator)
        const { textsPerSecond = 0, serverUsPerText = 0, serverUsPerPoll = 0, idleUsPerSecond = 0 } = row.figures
        context.say(
          setting.measures === 'texts'
            ? `  ${textsPerSecond.toFixed(0)} texts/s, ${serverUsPerText.toFixed(0)} µs each`
            : `  ${idleUsPerSecond.toFixed(1)} µs/client-s, ${serverUsPerPoll.toFixed(0)} µs/poll`,
        )
        for (const note of row.notes) context.say(`  ! ${note}`)
        if (row.notes.some((note) => note.includes('broke')))
          context.say(`  the server said: ${subject.output().slice(-1_000)}`)
        return row
      },
      nameOfWay,
    )
    return {
      scenario: 'uc-ajax',
      title: 'UC AJAX beside CometD long-polling',
      columns,
      charts: [
        { kind: 'bars', title: 'Texts accepted per second', figure: 'textsPerSecond' },
        { kind: 'bars', title: 'Server time for an idle client, µs a second', figure: 'idleUsPerSecond' },
      ],
      rows,
      method: `Texts: ${POSTERS} writers, each sends its next text as soon as the last one was committed and accepted; every text is told to its peer (and its acceptance to its sender) by a poll. p50 and p99 are from POST to the peer's client in an open loop of ${RATE} texts a second. \`uc ajax\` polls as documented: 1 s while it talks, 3 s when idle; \`held\` is answered when there is something to tell, after ${HOLD_MS / 1000} s at the latest, and asks again at once. Idle: server time of all there is for clients that hear nothing, and growth of memory since the server's start after garbage collection; each client has a connection of its own.`,
    }
  },
}
