import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { CommitOutcome, SessionStore } from '@ringdown/signalling'
import type { RaceStore } from './races.ts'
import { callUUID, person } from './samples.ts'

/** What a process that writes reports of each commit that has resolved. */
export interface Reported {
  id: string
  outcome: CommitOutcome
}

/**
 * Starts a process that commits texts of call 1 between agents 1 and 2 as fast as it can, and kills it (-9) when it has
 * reported `reports` of them. Answers what it reported.
 */
export async function killWhileWriting(store: RaceStore, run: number, reports: number): Promise<Reported[]> {
  const { module, options } = store
  const child = fork(
    new URL('./crash-child.ts', import.meta.url),
    [module.href, JSON.stringify(options), String(run)],
    {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  )
  const exited = once(child, 'exit')
  let lines = ''
  child.stdout?.setEncoding('utf8').on('data', (data: string) => {
    lines += data
    if (lines.split('\n').length > reports) child.kill('SIGKILL')
  })
  const [code, signal] = await exited
  if (signal !== 'SIGKILL') throw new Error(`the writing process ended by itself (${code}, ${signal})`)
  // A last line may be cut off; a commit reported in half is not reported.
  return lines
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

/** What of the reported commits is not in the log and both feeds where it was said to be, and what is there by halves. */
export async function lossesOf(store: SessionStore, reported: readonly Reported[]): Promise<string[]> {
  const losses: string[] = []
  const log = await store.readLog(callUUID(1), 0, 1_000_000)
  const feeds = await Promise.all([2, 1].map(async (n) => (await store.readFeed(person(n), 0, 1_000_000)).entries))
  for (const { id, outcome } of reported) {
    if (outcome.outcome !== 'committed') {
      losses.push(`${id}: ${outcome.outcome}`)
      continue
    }
    if (log[Number(outcome.log) - 1]?.text.messageID !== id) losses.push(`${id} is not at ${outcome.log} of the log`)
    for (const [i, offset] of outcome.feeds.entries()) {
      const entry = feeds[i]?.[offset - 1]
      if (!entry || !('extensions' in entry.event) || !('text' in entry.event.extensions))
        losses.push(`${id}: no event`)
      else if (entry.event.extensions.text.messageID !== id) losses.push(`${id} is not at ${offset} of a feed`)
    }
  }
  for (const [i, { position }] of log.entries()) if (position !== i + 1) losses.push(`the log has a hole at ${i + 1}`)
  for (const feed of feeds) {
    const positions = feed.flatMap((entry) => (entry.log === undefined ? [] : [entry.log]))
    if (positions.join() !== log.map(({ position }) => position).join()) losses.push('a feed does not show the log')
  }
  return losses
}
