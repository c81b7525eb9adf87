import { readFileSync } from 'node:fs'

/** Clock ticks per second in /proc: USER_HZ, 100 on every Linux Node runs on. */
const TICKS = 100

/** What /proc says of a process. */
export interface ProcessUse {
  /** User and system time of all its threads so far, microseconds. */
  cpuUs: number
  /** Resident memory, bytes. */
  rss: number
}

/** User + system time in /proc/<pid>/stat, microseconds. The name in parentheses may hold spaces and parentheses itself. */
export function parseStat(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  if (!Number.isFinite(ticks)) throw new Error('not a /proc/<pid>/stat line')
  return (ticks / TICKS) * 1e6
}

/** VmRSS in /proc/<pid>/status, bytes. */
export function parseRss(status: string): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(status)
  if (!found) throw new Error('no VmRSS in /proc/<pid>/status')
  return Number(found[1]) * 1024
}

/** CPU time and memory of a living process. */
export function readUse(pid: number): ProcessUse {
  return {
    cpuUs: parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1')),
    rss: parseRss(readFileSync(`/proc/${pid}/status`, 'latin1')),
  }
}

/** Time all cores spent in processes, from /proc/stat, microseconds. What the kernel does for the network is not in it. */
export function parseBusy(stat: string): number {
  const fields = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(Number)
  const [user = Number.NaN, nice = 0, system = 0] = fields ?? []
  if (!Number.isFinite(user)) throw new Error('not /proc/stat')
  return ((user + nice + system) / TICKS) * 1e6
}

/** Time all cores have spent in processes so far, microseconds. */
export function readBusy(): number {
  return parseBusy(readFileSync('/proc/stat', 'latin1'))
}
