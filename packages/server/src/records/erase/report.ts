import type { PersonID } from '@ringdown/signalling'

/** How much was erased, by its kind; in a dry run, how much would be. */
export interface Counts {
  /** Sessions they took part in, living ones ended. */
  sessions: number
  /** Their texts in the logs of sessions. */
  texts: number
  /** Copies of events in the feeds of others that had their texts, user data of their sessions, or their id. */
  copies: number
  /** Their texts that waited for somebody. */
  waiting: number
  /** Records of their sessions: user data removed, their name taken out. */
  calls: number
  /** Entries of their own feed. */
  feed: number
  /** Records of who is logged in where. */
  logins: number
  /** Logins, tickets and client sessions kept for some time. */
  kept: number
  /** Entries of the audit log that have a pseudonym now. */
  audit: number
  /** Configuration objects. */
  objects: number
}

export interface EraseReport {
  centre: string
  person: PersonID
  /** Null where nobody is configured by that id. */
  userName: string | null
  dryRun: boolean
  pseudonym: string | null
  erased: Counts
  /** Servers that have nothing of it in memory any more, and those that did not say so. */
  nodes: { confirmed: readonly string[]; silent: readonly string[] }
  /** What is left, and why: sentences. */
  left: readonly string[]
}

export const noCounts: Counts = {
  ...{ sessions: 0, texts: 0, copies: 0, waiting: 0, calls: 0, feed: 0, logins: 0, kept: 0, audit: 0, objects: 0 },
}

const words: Record<keyof Counts, string> = {
  sessions: 'sessions they took part in',
  texts: 'texts in the logs of these sessions',
  copies: 'copies in the feeds of others',
  waiting: 'texts that waited for somebody',
  calls: 'records of these sessions: user data, and who they were',
  feed: 'entries of their own feed',
  logins: 'records of where they were logged in',
  kept: 'logins, tickets and client sessions',
  audit: 'entries of the audit log, by a pseudonym now',
  objects: 'configuration objects',
}

/** The report to be read. */
export function printReport(report: EraseReport): string[] {
  const { centre, person, userName, dryRun, erased, nodes, left, pseudonym } = report
  const rows = Object.entries(words).map(([key, what]) => [String(erased[key as keyof Counts]), what] as const)
  const width = Math.max(...rows.map(([count]) => count.length))
  return [
    `${dryRun ? 'Would erase' : 'Erased'} ${userName ?? 'somebody not configured'} (person ${person}, contact centre ${centre})`,
    ...rows.map(([count, what]) => `  ${count.padStart(width)}  ${what}`),
    ...(pseudonym === null || erased.audit === 0 ? [] : [`The audit log calls them ${pseudonym}.`]),
    ...(nodes.confirmed.length > 0 ? [`Out of the memory of: ${nodes.confirmed.join(', ')}.`] : []),
    ...(nodes.silent.length > 0
      ? [`Did not answer: ${nodes.silent.join(', ')}. Restart them, or run this again.`]
      : []),
    'Left:',
    ...left.map((line) => `  - ${line}`),
  ]
}
