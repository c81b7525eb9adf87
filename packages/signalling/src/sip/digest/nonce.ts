import { timingSafeEqual } from 'node:crypto'
import { hmacSHA256 } from './hmac.ts'

/** How far the clocks of two nodes may be apart, milliseconds. */
const skewMs = 30_000
const signedLength = 20
const length = 36
const nothing = new Uint8Array()

/** What a nonce of ours says. */
export interface Nonce {
  /** Unlike that of any other nonce. */
  readonly id: string
  /** Who was given it: a name for the address, the same on every node. */
  readonly owner: string
  /** Milliseconds until it is stale; 0: it is. */
  readonly leftMs: number
}

/**
 * A nonce any node that has the key can check, without any state: time (6 bytes), chance (8), the owner (6) and a MAC (16) over
 * them and the realm, 48 characters in all. RFC 7616 §5.4.
 */
export function makeNonce(key: Uint8Array, realm: string, address: string, now: number, chance: Uint8Array): string {
  const nonce = Buffer.alloc(length)
  nonce.writeUIntBE(now, 0, 6)
  nonce.set(chance.subarray(0, 8), 6)
  nonce.set(owner(key, address), 14)
  nonce.set(mac(key, realm, nonce.subarray(0, signedLength)).subarray(0, 16), signedLength)
  return nonce.toString('base64url')
}

/** What `owner` of a nonce says that was given to this address. */
export function ownerOf(key: Uint8Array, address: string): string {
  return owner(key, address).toString('base64url')
}

function owner(key: Uint8Array, address: string): Buffer {
  return mac(key, `owner ${address}`).subarray(0, 6)
}

/** Reads a nonce made with this key for this realm; undefined for any other. */
export function readNonce(
  key: Uint8Array,
  realm: string,
  text: string,
  now: number,
  lifetimeMs: number,
): Nonce | undefined {
  if (!/^[\w-]{48}$/.test(text)) return undefined
  const nonce = Buffer.from(text, 'base64url')
  const expected = mac(key, realm, nonce.subarray(0, signedLength)).subarray(0, 16)
  if (!timingSafeEqual(expected, nonce.subarray(signedLength))) return undefined
  const age = now - nonce.readUIntBE(0, 6)
  return {
    id: nonce.toString('base64url', 6, 14),
    owner: nonce.toString('base64url', 14, signedLength),
    leftMs: age < -skewMs ? 0 : Math.max(0, lifetimeMs - age),
  }
}

/** The realm cannot run into what follows: a zero byte stands between. */
function mac(key: Uint8Array, text: string, bytes: Uint8Array = nothing): Buffer {
  return hmacSHA256(key, Buffer.concat([Buffer.from(`${text}\0`), bytes]))
}
