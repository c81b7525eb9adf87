import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { type IdSource, type MessageID, makeCallUUID, makeConnID } from '@ringdown/signalling'

/**
 * Ids of one process. Calls: a random UUID fixed for the life of the process and a counter (t-server §10.1, the form that
 * leaks neither address nor start time). Connections: a random server id and a number that starts from the time.
 */
export function processIDs(now: number): IdSource {
  const process = randomBytes(16)
  process.writeUInt8((process.readUInt8(6) & 0x0f) | 0x40, 6) // RFC 9562 §5.4: version 4
  process.writeUInt8((process.readUInt8(8) & 0x3f) | 0x80, 8)
  const serverID = randomInt(1, 0x4000)
  let calls = 0
  // 2^9 connections for each millisecond since the last start: a process that comes back does not meet its own ids.
  let connections = BigInt(now) << 9n
  return {
    callUUID: () => makeCallUUID(process, ++calls),
    connID: () => makeConnID(serverID, ++connections),
    messageID: () => randomUUID() as MessageID,
  }
}
