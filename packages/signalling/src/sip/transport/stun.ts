/** STUN Binding on the SIP port, as far as keep-alives over UDP need it. RFC 5626 §8, RFC 5389. */
import type { Address } from './flow.ts'
import { familyOf, ipv6Words } from './host-port.ts'

const cookie = 0x2112a442
const bindingRequest = 0x0001
const bindingSuccess = 0x0101
const bindingError = 0x0111
const errorCode = 0x0009
const unknownAttributes = 0x000a
const xorMappedAddress = 0x0020
/** Must be understood, but ask nothing of this usage: USERNAME, MESSAGE-INTEGRITY, REALM, NONCE. */
const ignored = new Set([0x0006, 0x0008, 0x0014, 0x0015])
/** A keep-alive is 20 bytes; nothing a client needs here is longer. */
const longest = 548

/** Whether a datagram is STUN and not SIP: no SIP message begins with a byte below 4. RFC 5389 §6. */
export function isStun(bytes: Uint8Array): boolean {
  return (bytes[0] ?? 255) < 4 && bytes.length >= 20 && viewOf(bytes).getUint32(4) === cookie
}

/**
 * The answer to a Binding request: where it came from, or 420 where it asks for what we do not know.
 * Undefined where silence is right. Never more than 12 bytes longer than the request over IPv4 (24 over IPv6).
 */
export function answerStun(bytes: Uint8Array, from: Address): Uint8Array | undefined {
  const view = viewOf(bytes)
  const length = view.getUint16(2)
  if (view.getUint16(0) !== bindingRequest || bytes.length > longest) return undefined
  if (length % 4 !== 0 || bytes.length !== 20 + length) return undefined
  const unknown: number[] = []
  for (let at = 20; at < bytes.length; ) {
    const type = view.getUint16(at)
    // RFC 5389 §15: types below 0x8000 must be understood.
    if (type < 0x8000 && !ignored.has(type)) unknown.push(type)
    at += 4 + ((view.getUint16(at + 2) + 3) & ~3)
    if (at > bytes.length) return undefined
  }
  const id = bytes.subarray(8, 20)
  return unknown.length > 0 ? refuse(id, unknown) : mapped(id, from)
}

function mapped(id: Uint8Array, from: Address): Uint8Array | undefined {
  const address = addressBytes(from.address)
  if (!address) return undefined
  const out = message(bindingSuccess, id, 8 + address.length)
  const view = viewOf(out)
  view.setUint16(20, xorMappedAddress)
  view.setUint16(22, 4 + address.length)
  view.setUint16(24, address.length === 16 ? 2 : 1)
  view.setUint16(26, from.port ^ (cookie >>> 16))
  // RFC 5389 §15.2: xor with the cookie and, for IPv6, the transaction id, which follows it in the header.
  for (const [i, byte] of address.entries()) out[28 + i] = byte ^ (out[4 + i] ?? 0)
  return out
}

/** RFC 5389 §7.3.1. Names two types at most: the answer is never longer than what it answers plus 12 bytes. */
function refuse(id: Uint8Array, unknown: readonly number[]): Uint8Array {
  const named = unknown.slice(0, 2)
  const out = message(bindingError, id, 8 + 4 + 4)
  const view = viewOf(out)
  view.setUint16(20, errorCode)
  view.setUint16(22, 4)
  view.setUint16(26, (4 << 8) | 20)
  view.setUint16(28, unknownAttributes)
  view.setUint16(30, named.length * 2)
  for (const [i, type] of named.entries()) view.setUint16(32 + i * 2, type)
  return out
}

function message(type: number, id: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(20 + length)
  const view = viewOf(out)
  view.setUint16(0, type)
  view.setUint16(2, length)
  view.setUint32(4, cookie)
  out.set(id, 8)
  return out
}

function addressBytes(address: string): Uint8Array | undefined {
  const family = familyOf(address)
  if (family === 4) return Uint8Array.from(address.split('.'), Number)
  if (family !== 6) return undefined
  return Uint8Array.from(ipv6Words(address).flatMap((word) => [word >> 8, word & 255]))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
