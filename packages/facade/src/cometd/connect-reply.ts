import { type Advice, objectOf } from './bayeux.ts'
import type { Held } from './subscriber.ts'

/** A connect's successful reply as JSON text. Put together by hand: JSON.stringify would be the dearest part of a delivery. */
export function printConnectReply(
  clientID: string,
  { id, timesync }: Pick<Held, 'id' | 'timesync'>,
  { batch, advice, now }: { batch: number | undefined; advice: Advice | undefined; now: number },
): string {
  const start = id === undefined || id === null ? '{' : `{"id":${JSON.stringify(id)},`
  const time = timesync === undefined ? undefined : timesyncReply(timesync, now).timesync
  let ext = ''
  if (time) ext = `,"ext":${JSON.stringify({ ...(batch !== undefined && { ack: batch }), timesync: time })}`
  else if (batch !== undefined) ext = `,"ext":{"ack":${batch}}`
  const told = advice ? `,"advice":${JSON.stringify(advice)}` : ''
  return `${start}"channel":"/meta/connect","clientId":"${clientID}","successful":true${told}${ext}}`
}

/** The timesync extension's answer: the client's own reading, and ours. What it could estimate is left at 0. */
export function timesyncReply(timesync: unknown, now: number): { timesync?: object } {
  const tc = objectOf(timesync)?.tc
  return typeof tc === 'number' ? { timesync: { tc, ts: now, p: 0, a: 0 } } : {}
}
