import type { Failure } from './wire.ts'

// Primary result codes, https://www.sqlite.org/rescode.html
const busy = new Set([5, 6, 15]) // BUSY, LOCKED, PROTOCOL
const atFault = new Set([1, 12, 17, 18, 19, 20, 21, 25]) // ERROR, NOTFOUND, SCHEMA, TOOBIG, CONSTRAINT, MISMATCH, MISUSE, RANGE

/** The file is no database, or not any more. */
export function isDamage(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  return code === 11 || code === 26 // CORRUPT, NOTADB
}

/** What an error of node:sqlite means for who asked. What is no error of SQLite's is a mistake of ours. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof Error) || !('errcode' in error)) return { kind: 'invalid', message }
  const code = Number(error.errcode) & 0xff // the rest says more of the same
  if (busy.has(code)) return { kind: 'busy', message }
  return { kind: atFault.has(code) ? 'invalid' : 'unavailable', message }
}
