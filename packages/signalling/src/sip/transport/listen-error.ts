import { hostPort } from './host-port.ts'
import type { Listen } from './options.ts'

const meanings: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EACCES: 'the port needs more rights',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
}

/** Why a listener could not be opened, in words; the system's error is its cause. */
export function cannotListen({ transport, address, port }: Listen, cause: unknown): Error {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const why = meanings[code] ?? (cause instanceof Error ? cause.message : String(cause))
  return new Error(`cannot listen on ${transport} ${hostPort(address, port)}: ${why}`, { cause })
}
