import type { ParseFault } from '../transport/flow.ts'
import { Head, type Problem } from './head.ts'
import { defaultLimits, type MessageLimits } from './limits.ts'
import type { SipMessage } from './message.ts'
import { asBuffer, contentLength, finish, refuse, tooLong, wholeLines } from './parse.ts'
import type { SeenFrom } from './via.ts'

/** RFC 5626 §3.5.1, §4.4.1: a peer asks with two empty lines whether we are there, and is told so by one. */
export type KeepAlive = 'ping' | 'pong'

/**
 * What a stream brought. `ping`: two empty lines, to be answered with CRLF. `pong`: an empty line; where we had asked, the answer. The first half of a
 * ping looks like one, so a pong nobody waits for means nothing.
 */
export type Framed =
  | { readonly kind: 'message'; readonly message: SipMessage }
  | { readonly kind: KeepAlive }
  | ParseFault

const nothing: readonly Framed[] = []
const empty = Buffer.alloc(0)
const lineEnd = Buffer.from('\r\n', 'latin1')
const blankLine = Buffer.from('\r\n\r\n', 'latin1')

/** Whether a datagram or a WebSocket frame is nothing but a keep-alive. */
export function keepAlive(bytes: Uint8Array): KeepAlive | undefined {
  if (bytes.length === 2 && bytes[0] === 13 && bytes[1] === 10) return 'pong'
  if (bytes.length !== 4) return undefined
  return asBuffer(bytes).equals(blankLine) ? 'ping' : undefined
}

/**
 * Finds the messages in a stream, RFC 3261 §18.3: whatever pieces the bytes come in, the same messages come out. Holds one unfinished message
 * at most, and no more than the limits allow. After a fatal fault nothing more is read.
 */
export class StreamFramer {
  readonly #limits: MessageLimits
  readonly #seen: SeenFrom | undefined
  /** Bytes that are not read yet: `#held` from 0 to `#length`. */
  #held: Buffer = empty
  #length = 0
  /** Up to here there is no blank line. */
  #scanned = 0
  /** The lines of the message whose body is awaited, and where that body begins and ends. */
  #awaited: { readonly head: Head; readonly bodyFrom: number; readonly end: number } | undefined
  /** The last thing read was an empty line outside a message. */
  #halfPing = false
  #dead = false

  /** `seen`: where the stream comes from, for the Via of answers to what is refused. */
  constructor(limits: MessageLimits = defaultLimits, seen?: SeenFrom) {
    this.#limits = limits
    this.#seen = seen
  }

  /** Whether a message has begun and not ended: a peer that leaves it so for long is to be cut off. */
  get pending(): boolean {
    return this.#length > 0
  }

  /** Takes the next bytes and returns what they complete, in order. Messages are views over the bytes, which must not be changed afterwards. */
  push(bytes: Uint8Array): readonly Framed[] {
    if (this.#dead || bytes.length === 0) return nothing
    const data = this.#length === 0 ? asBuffer(bytes) : this.#append(bytes)
    const found: Framed[] = []
    const read = this.#read(data, found)
    if (this.#dead) this.#keep(empty)
    else if (read > 0 || data.buffer !== this.#held.buffer) this.#keep(data.subarray(read))
    return found
  }

  /** Reads all that is complete; returns how far it came. */
  #read(data: Buffer, found: Framed[]): number {
    let at = 0
    while (!this.#dead) {
      if (!this.#awaited) at = this.#skipEmptyLines(data, at, found)
      const end = this.#message(data, at, found)
      if (end === -1) break
      at = end
      this.#scanned = 0
    }
    return at
  }

  /** Empty lines between messages, RFC 3261 §7.5, RFC 5626 §4.4.1. However many there are, they are told once. */
  #skipEmptyLines(data: Buffer, from: number, found: Framed[]): number {
    let at = from
    let ping = false
    for (; data[at] === 13 && data[at + 1] === 10; at += 2) {
      if (this.#halfPing) ping = true
      this.#halfPing = !this.#halfPing
    }
    if (ping) found.push({ kind: 'ping' })
    else if (at > from) found.push({ kind: 'pong' })
    return at
  }

  /** The message that begins at `from`: its end, or -1 where more has to come. */
  #message(data: Buffer, from: number, found: Framed[]): number {
    this.#awaited ??= this.#readHead(data, from, found)
    const awaited = this.#awaited
    if (!awaited || data.length < from + awaited.end) return -1
    this.#awaited = undefined
    this.#halfPing = false
    const bytes = data.subarray(from, from + awaited.end)
    const message = finish(awaited.head, bytes, awaited.bodyFrom, this.#limits, this.#seen)
    found.push(message.kind === 'fault' ? message : { kind: 'message', message })
    return from + awaited.end
  }

  #readHead(data: Buffer, from: number, found: Framed[]) {
    const limits = this.#limits
    const end = data.indexOf(blankLine, from + this.#scanned)
    const length = end === -1 ? data.length - from : end + lineEnd.length - from
    if (length > limits.headBytes) {
      const text = data.toString('latin1', from, from + limits.headBytes + 1)
      this.#die(refuse(wholeLines(text, limits), tooLong(text, limits), this.#seen, true), found)
      return undefined
    }
    if (end === -1) {
      // The blank line may begin with the last bytes that are here.
      this.#scanned = Math.max(0, length - blankLine.length + 1)
      return undefined
    }
    const head = new Head(data.toString('latin1', from, end + lineEnd.length), length, limits)
    const bodyLength = contentLength(head)
    const bodyFrom = length + lineEnd.length
    if (typeof bodyLength === 'number' && bodyLength <= limits.bodyBytes && !head.ambiguousLength)
      return { head, bodyFrom, end: bodyFrom + bodyLength }
    this.#die(refuse(head, lengthProblem(head, bodyLength), this.#seen, true), found)
    return undefined
  }

  /** Where the next message begins cannot be known. */
  #die(fault: ParseFault, found: Framed[]): void {
    this.#dead = true
    found.push(fault)
  }

  #append(bytes: Uint8Array): Buffer {
    const length = this.#length + bytes.length
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#held.length))
      larger.set(this.#held.subarray(0, this.#length))
      this.#held = larger
    }
    this.#held.set(bytes, this.#length)
    this.#length = length
    return this.#held.subarray(0, length)
  }

  /** Copies what is left unread: messages already told are views over where it stood. */
  #keep(rest: Buffer): void {
    this.#length = rest.length
    this.#held = rest.length === 0 ? empty : Buffer.allocUnsafeSlow(rest.length)
    this.#held.set(rest)
  }
}

function lengthProblem(head: Head, length: number | undefined | 'malformed'): Problem {
  if (length === undefined) return { status: 400, why: 'Content-Length is missing' } // RFC 3261 §18.3
  if (length === 'malformed') return { status: 400, why: 'malformed Content-Length' }
  return head.ambiguousLength
    ? { status: 400, why: 'more than one Content-Length' }
    : { status: 413, why: 'body too long' }
}
