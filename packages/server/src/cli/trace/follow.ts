import type { Ladder } from '@ringdown/facade'
import type { Clock } from '@ringdown/signalling'
import type { Io } from '../io.ts'
import { footOf, LadderPen } from './draw-ladder.ts'
import type { LabClient } from './lab-client.ts'
import type { TraceWanted } from './trace.ts'

export interface Following {
  lab: Pick<LabClient, 'ladder' | 'session'>
  session: string
  wanted: Pick<TraceWanted, 'shows' | 'texts' | 'json' | 'drawing'>
  io: Pick<Io, 'out' | 'err' | 'onSignal'>
  clock: Clock
}

/** How often the server is asked, ms. It puts the ladder together each time. */
const everyMs = 1_000

/** Prints what passes in a session as it passes, until the session has ended and nothing more comes, or SIGINT. SPEC TC-5. */
export async function follow({ lab, session, wanted, io, clock }: Following): Promise<void> {
  const lines = new Lines(wanted, io)
  let stopped = false
  let stop: () => void = () => undefined
  io.onSignal('SIGINT', () => {
    stopped = true
    stop()
  })
  const pause = () =>
    new Promise<void>((resolve) => {
      stop = resolve
      clock.after(everyMs, resolve)
    })

  for (let quiet = 0; quiet < 2 && !stopped; ) {
    // Asked first: what passes between the two questions is then seen before the end.
    const ended = (await lab.session(session))?.state === 'ended'
    const news = lines.show(await lab.ladder(session, wanted.texts))
    quiet = ended && news === 0 ? quiet + 1 : 0
    if (quiet < 2 && !stopped) await pause()
  }
  if (!wanted.json) for (const line of lines.foot()) io.out(line)
}

/** What was printed so far, and what is new in a ladder. */
class Lines {
  readonly #wanted: Following['wanted']
  readonly #io: Pick<Io, 'out'>
  readonly #seen = new Set<string>()
  #lanes = ''
  #before = 0
  #last: Ladder | undefined

  constructor(wanted: Following['wanted'], io: Pick<Io, 'out'>) {
    this.#wanted = wanted
    this.#io = io
  }

  /** How many lines were new, shown or not. */
  show(ladder: Ladder): number {
    const { shows, json, drawing } = this.#wanted
    const { entries, lanes } = ladder
    this.#last = ladder
    const news = entries.flatMap((entry, i) => (this.#seen.has(entry.id) ? [] : [{ line: i + 1, entry }]))
    for (const { entry } of news) this.#seen.add(entry.id)
    const pen = new LadderPen(lanes, 999, drawing)
    const names = lanes.map(({ id }) => id).join()
    if (!json && names !== this.#lanes) for (const line of pen.head()) this.#io.out(line)
    this.#lanes = names
    const began = entries[0]?.at ?? 0
    for (const numbered of news) {
      const { entry, line } = numbered
      if (!shows(entry)) continue
      if (json) this.#io.out(JSON.stringify({ line, ...entry }))
      // What another node tells late has passed before what was printed.
      else
        for (const text of pen.entry(numbered, began, Math.min(entry.at, this.#before || entry.at))) this.#io.out(text)
      this.#before = entry.at
    }
    return news.length
  }

  foot(): string[] {
    return this.#last ? footOf(this.#last) : []
  }
}
