import { TServerError } from '@ringdown/signalling'

// What Redis answers when it cannot serve now: not a word about the request itself.
const notServing = new Set([
  'READONLY',
  'OOM',
  'MISCONF',
  'LOADING',
  'BUSY',
  'CLUSTERDOWN',
  'MASTERDOWN',
  'NOREPLICAS',
  'MOVED',
  'ASK',
  'TRYAGAIN',
  'CROSSSLOT',
  'NOAUTH',
  'WRONGPASS',
  'NOPERM',
])
// The server we reached is not the one that takes our writes, or has ceased to be.
const elsewhere = new Set(['READONLY', 'MOVED', 'ASK', 'MASTERDOWN'])

/** The word a Redis error begins with, `READONLY` for instance; undefined where Redis said nothing. */
export function redisCode(error: unknown): string | undefined {
  return error instanceof Error && error.name === 'ReplyError' ? (error.message.split(' ', 1)[0] ?? '') : undefined
}

/** Whether the connection should look for the server again. */
export function isElsewhere(error: unknown): boolean {
  return elsewhere.has(redisCode(error) ?? '')
}

/** Whether trying again cannot help before somebody changes the configuration. */
export function isRefusedLogin(error: unknown): boolean {
  return ['NOAUTH', 'WRONGPASS', 'NOPERM'].includes(redisCode(error) ?? '')
}

/** What a failed command means to the core (SPEC ST-R5). */
export function storeError(error: unknown): TServerError {
  if (error instanceof TServerError) return error
  const code = redisCode(error)
  if (code === undefined) return new TServerError('TERR_NO_SWITCH', 'no connection', { cause: bare(error) })
  return notServing.has(code)
    ? new TServerError('TERR_NO_SWITCH', code, { cause: bare(error) })
    : new TServerError('TERR_INTERNAL', 'the store failed', { cause: bare(error) })
}

/** The error without the command: ioredis hangs its arguments on, and those are texts and user data. */
export function bare(error: unknown): Error {
  return new Error(error instanceof Error ? error.message : String(error))
}
