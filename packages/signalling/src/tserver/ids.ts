/** The call, for its whole life: 32 characters, see `makeCallUUID`. Sessions are keyed by it, never by ConnID. */
export type CallUUID = string & { readonly __brand: 'CallUUID' }
/** The T-Server's id of a connection: 16 lower-case hex digits. It may change on transfer. */
export type ConnID = string & { readonly __brand: 'ConnID' }
/** The id of a configured person (CfgPerson), 32 hex digits. Feeds and claims are keyed by it. */
export type PersonID = string & { readonly __brand: 'PersonID' }
/** A directory number as it is dialled. */
export type DNumber = string & { readonly __brand: 'DNumber' }
/** The id of one accepted text; the client's own where it gave one. */
export type MessageID = string & { readonly __brand: 'MessageID' }

/** Where ids come from. The core never makes randomness itself; tests pass a seeded source. */
export interface IdSource {
  callUUID(): CallUUID
  connID(): ConnID
  messageID(): MessageID
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUV' // RFC 4648 §7, "base32hex"

/**
 * The call's id from 16 bytes that are fixed for the life of the process and a counter of its calls:
 * 26 characters of base32hex and 6 of the counter in the same digits.
 * The counter wraps at 2^30; a process that lives so long starts over with the ids of its first calls.
 */
export function makeCallUUID(process: Uint8Array, counter: number): CallUUID {
  return (base32hex(process) + counterDigits(counter)) as CallUUID
}

/** Whether a string has the form of a CallUUID. 26 characters hold 130 bits, so the 26th ends in two zero bits. */
export function isCallUUID(text: string): text is CallUUID {
  return /^[0-9A-V]{25}[048CGKOS][0-9A-V]{6}$/.test(text)
}

/** A ConnID: the upper 14 bits name the server (`server-id`, 0–16383), the lower 50 its connection. Never 0, which means none. */
export function makeConnID(serverID: number, connection: bigint): ConnID {
  const value = (BigInt(serverID & 0x3fff) << 50n) | (connection & ((1n << 50n) - 1n))
  return value.toString(16).padStart(16, '0') as ConnID
}

function base32hex(bytes: Uint8Array): string {
  let out = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      out += alphabet[(held >> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return bits > 0 ? out + alphabet[(held << (5 - bits)) & 31] : out
}

function counterDigits(counter: number): string {
  let out = ''
  for (let left = counter, i = 0; i < 6; i++, left = Math.floor(left / 32)) out = alphabet[left % 32] + out
  return out
}
