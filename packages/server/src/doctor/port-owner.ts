import type { System } from './system.ts'

export interface PortOwner {
  /** undefined: another user's process, which we cannot see. */
  pid?: number
  /** Its command line, short. */
  name?: string
  isRingdown: boolean
}

/** Who listens at a port of this machine, by `/proc`; undefined: nobody, or it cannot be told. */
export function ownerOf(system: System, transport: 'udp' | 'tcp', port: number): PortOwner | undefined {
  const inodes = ['', '6'].flatMap((family) =>
    inodesAt(system.readText(`/proc/net/${transport}${family}`) ?? '', transport, port),
  )
  if (port === 0 || inodes.length === 0) return undefined
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`))
  for (const pid of system.list('/proc').filter((name) => /^\d+$/.test(name))) {
    const holds = system.list(`/proc/${pid}/fd`).some((fd) => links.has(system.readLink(`/proc/${pid}/fd/${fd}`) ?? ''))
    if (!holds) continue
    const words = (system.readText(`/proc/${pid}/cmdline`) ?? '').split('\0').filter((word) => word !== '')
    return { pid: Number(pid), name: nameOf(words), isRingdown: isServe(words) }
  }
  return { isRingdown: false }
}

/** proc(5), /proc/net/tcp: `sl local_address rem_address st … inode`; 0A is LISTEN. */
function inodesAt(text: string, transport: 'udp' | 'tcp', port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(`:${wanted}`) && (transport === 'udp' || state === '0A'))
    .flatMap(([, , , , , , , , , inode = '0']) => (inode === '0' ? [] : [inode]))
}

const nameOf = ([program = '?', script]: readonly string[]): string => {
  const short = program.split('/').at(-1) ?? program
  return short === 'node' && script !== undefined ? `node ${script.split('/').at(-1)}` : short
}

/** `node …/main.ts serve`, `ringdown serve`. */
const isServe = (words: readonly string[]): boolean =>
  words.includes('serve') && words.some((word) => /(^|\/)(main\.[cm]?[jt]s|ringdown)$/.test(word))
