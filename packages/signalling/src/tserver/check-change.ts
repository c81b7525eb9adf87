import { TServerError } from './errors.ts'
import type { Change } from './ports.ts'

/**
 * Refuses a change no store could give one meaning to (session-store SPEC ST-3): a record put that is not expected, a record
 * or an agent named twice. It is a mistake of the caller, so TERR_INTERNAL, before anything has happened.
 */
export function checkChange({ expect, put, claims }: Change): void {
  // The commonest change, a text, puts nothing, claims nothing and expects one call.
  if (expect.length > 1 && twice(expect.map(recordKey))) refuse('a record is expected twice')
  if (put.length > 0) {
    const expected = new Set(expect.map(recordKey))
    if (put.some((record) => !expected.has(recordKey(record)))) refuse('a record is put that is not expected')
    if (put.length > 1 && twice(put.map(recordKey))) refuse('a record is put twice')
  }
  if (claims.length > 1 && twice(claims.map(({ person }) => person))) refuse('an agent is claimed twice')
}

function recordKey(record: { kind: string; id: string }): string {
  return `${record.kind}:${record.id}`
}

function twice(keys: readonly string[]): boolean {
  return new Set(keys).size < keys.length
}

function refuse(detail: string): never {
  throw new TServerError('TERR_INTERNAL', detail)
}
