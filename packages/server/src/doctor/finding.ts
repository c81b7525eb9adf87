/** How bad it is: does not work; will not for long; worth knowing; fine. */
export type Severity = 'problem' | 'limit' | 'note' | 'ok'

/** What a check has found. */
export interface Finding {
  /** What was looked at, in a word or two. */
  check: string
  severity: Severity
  /** One sentence. */
  what: string
  /** One sentence on how to lift it. */
  lift?: string
  /** The number that was measured, and the one that is needed, with its unit in `what`. */
  measured?: number
  needed?: number
  /** At about so many agents this is what gives way first. */
  at?: number
}

/** A limit that grows with the agents, as measured against those there are to be. */
export interface Bound {
  check: string
  /** So many agents it bears, about. */
  at: number
  agents: number
  what: string
  lift: string
  measured: number
  needed: number
}

/** A problem where it does not bear the agents there are, a limit where it does not bear twice as many. SPEC DR-2. */
export function bound({ check, at, agents, what, lift, measured, needed }: Bound): Finding {
  const whole = Math.max(0, Math.floor(at))
  const severity = whole < agents ? 'problem' : whole < 2 * agents ? 'limit' : 'ok'
  return { check, severity, what, lift, measured, needed, at: whole }
}

const order: readonly Severity[] = ['problem', 'limit', 'note', 'ok']

/** What will bite first stands first: problems, then limits by the agents they bear. SPEC DR-1. */
export function sorted(findings: readonly Finding[]): Finding[] {
  const rank = ({ severity, at = Number.POSITIVE_INFINITY }: Finding) => [order.indexOf(severity), at] as const
  return findings
    .map((finding, i) => ({ finding, i, rank: rank(finding) }))
    .sort((a, b) => a.rank[0] - b.rank[0] || compare(a.rank[1], b.rank[1]) || a.i - b.i)
    .map(({ finding }) => finding)
}

// Infinity minus itself is no number.
const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1)

/** The limit that will bite first as agents become more, whatever else is wrong. */
export function firstLimit(findings: readonly Finding[]): Finding | undefined {
  return findings.reduce<Finding | undefined>(
    (first, finding) =>
      finding.at !== undefined && finding.at < (first?.at ?? Number.POSITIVE_INFINITY) ? finding : first,
    undefined,
  )
}

/** `4 096`, as it is easily read. */
export const numberText = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ' ')

/** `1 agent`, `4 096 agents`. */
export const agentsText = (count: number): string => `${numberText(count)} ${count === 1 ? 'agent' : 'agents'}`

/** `512 MiB`. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[power]}`
}
