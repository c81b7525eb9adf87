import { compactForm, isList, longName } from './header-names.ts'
import type { MessageLimits } from './limits.ts'
import { maxListValues } from './limits.ts'
import type { HeaderLine } from './message.ts'
import { decoded, isTokenChar, matchesAt, skipBlanks, splitList, trimmed, valueEnd } from './scan.ts'

/** What is wrong with a message, and the status that says so. */
export interface Problem {
  readonly status: number
  readonly why: string
}

/** Numbers of one header line in the index: key, where its name starts, where its value starts and ends. */
const stride = 4

/** The place of a header that is not there. */
export const absent = -1

/** A fold: the line goes on in the next one, which begins with a blank. RFC 3261 §7.3.1. Begins with CR, so that it is never looked for from a blank. */
const fold = /\r\n[ \t]+/g

/** Where an index is written before its length is known; one message is read at a time. */
const scratch: number[] = []

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}

/**
 * The lines of a message, found in one pass and cut when they are asked for. One character of the text is one byte of the message.
 * A line is known by its key: length of the name and its first letter, which few names share.
 */
export class Head {
  /** Begins with the start line and the header lines, each with its CRLF. */
  readonly text: string
  /** Where the start line ends. */
  readonly startLineEnd: number
  /** The first thing that is wrong with the lines; what is right is indexed all the same, so that an answer can be made. */
  problem: Problem | undefined
  #index: number[] = scratch
  #size = 0
  #folded = false
  /** Places in the index of what every message must have. */
  via: number = absent
  from: number = absent
  to: number = absent
  callID: number = absent
  cseq: number = absent
  contentLength: number = absent
  #maxForwards: number = absent
  /** There is more than one Content-Length: where the message ends cannot be known. */
  ambiguousLength = false

  /** The lines end at `to`; the text may go on. */
  constructor(text: string, to: number, limits: MessageLimits) {
    this.text = text
    const end = text.indexOf('\r')
    this.startLineEnd = end
    if (text.charCodeAt(end + 1) !== 10 || text.indexOf('\n') !== end + 1) this.#fault('a malformed start line')
    else this.#readLines(end + 2, to, limits)
    this.#index = scratch.slice(0, this.#size)
  }

  #readLines(start: number, to: number, limits: MessageLimits): void {
    const { text } = this
    let lines = 0
    for (let at = start; at < to; ) {
      const end = text.indexOf('\r', at)
      if (end === -1 || text.charCodeAt(end + 1) !== 10) {
        this.#fault('a CR without LF')
        return
      }
      if (text.indexOf('\n', at) !== end + 1) this.#fault('an LF without CR')
      const first = text.charCodeAt(at)
      if (first === 32 || first === 9) this.#extend(end, limits)
      else if (++lines <= limits.headerLines) this.#addLine(at, end, limits)
      else {
        this.#fault('too many header lines')
        return
      }
      at = end + 2
    }
  }

  /** The line before goes on. */
  #extend(end: number, limits: MessageLimits): void {
    const last = this.#size - stride
    if (last < 0) this.#fault('a fold before the first header')
    else {
      if (end - (this.#index[last + 1] ?? 0) > limits.lineBytes) this.#fault('a header line too long')
      this.#index[last + 3] = end
      this.#folded = true
    }
  }

  #addLine(start: number, end: number, limits: MessageLimits): void {
    const { text } = this
    if (end - start > limits.lineBytes) this.#fault('a header line too long')
    let at = start
    while (isTokenChar[text.charCodeAt(at)] === 1) at++
    const length = at - start
    // LWS may stand before the colon, RFC 3261 §25.1 (HCOLON).
    let colon = at
    while (isBlank(text.charCodeAt(colon))) colon++
    if (length === 0 || colon >= end || text.charCodeAt(colon) !== 58) {
      this.#fault('a line that is no header')
      return
    }
    const place = this.#size
    let to = end
    while (to > colon + 1 && isBlank(text.charCodeAt(to - 1))) to--
    const from = skipBlanks(text, colon + 1, to)
    scratch[place] = (length << 8) | (text.charCodeAt(start) | 0x20)
    scratch[place + 1] = start
    scratch[place + 2] = from
    scratch[place + 3] = to
    this.#size = place + stride
    this.#note(start, length, place)
  }

  /** Keeps the places of what every message has, and refuses a second one of what may be there once. RFC 3261 §7.3.1, RFC 4475 §3.3.8. */
  #note(start: number, length: number, place: number): void {
    const { text } = this
    if (length === 1) this.#noteCompact(text.charCodeAt(start) | 0x20, place)
    else if (length === 2 && matchesAt(text, start, 'to')) this.to = this.#once(this.to, place)
    else if (length === 3 && this.via === absent && matchesAt(text, start, 'via')) this.via = place
    else if (length === 4 && matchesAt(text, start, 'from')) this.from = this.#once(this.from, place)
    else if (length === 4 && matchesAt(text, start, 'cseq')) this.cseq = this.#once(this.cseq, place)
    else if (length === 7 && matchesAt(text, start, 'call-id')) this.callID = this.#once(this.callID, place)
    else if (length === 12 && matchesAt(text, start, 'max-forwards'))
      this.#maxForwards = this.#once(this.#maxForwards, place)
    else if (length === 14 && matchesAt(text, start, 'content-length')) this.#noteLength(place)
  }

  #noteCompact(letter: number, place: number): void {
    if (letter === 118 && this.via === absent) this.via = place
    else if (letter === 102) this.from = this.#once(this.from, place)
    else if (letter === 116) this.to = this.#once(this.to, place)
    else if (letter === 105) this.callID = this.#once(this.callID, place)
    else if (letter === 108) this.#noteLength(place)
  }

  #noteLength(place: number): void {
    this.ambiguousLength = this.contentLength !== absent
    this.contentLength = this.#once(this.contentLength, place)
  }

  #once(known: number, place: number): number {
    if (known === absent) return place
    this.#fault(`more than one ${this.#name(place)}`)
    return known
  }

  #fault(why: string): void {
    this.problem ??= { status: 400, why }
  }

  /** The value of the line at a place of the index: unfolded, trimmed, one character per byte. */
  value(place: number): string {
    const value = this.text.slice(this.#index[place + 2], this.#index[place + 3])
    return this.#folded ? trimmed(value.replace(fold, ' ')) : value
  }

  /** Whether a line goes on in the next one: values then have to be cut out to be read. */
  get folded(): boolean {
    return this.#folded
  }

  /** Where the value of a line starts in the text. */
  valueFrom(place: number): number {
    return this.#index[place + 2] ?? 0
  }

  /** Where it ends. */
  valueTo(place: number): number {
    return this.#index[place + 3] ?? 0
  }

  /** The first value of the comma list that begins at this place. */
  firstOf(place: number): string {
    const value = this.value(place)
    return value.includes(',') ? trimmed(value.slice(0, valueEnd(value, 0, value.length))) : value
  }

  #name(place: number): string {
    const start = this.#index[place + 1] ?? 0
    return this.text.slice(start, start + ((this.#index[place] ?? 0) >> 8))
  }

  /** The place of the next line of this header, from a place on; `absent` where there is none. `name`: the long form in lower case. */
  next(name: string, from: number): number {
    const short = compactForm(name)
    const longKey = (name.length << 8) | name.charCodeAt(0)
    const shortKey = short === undefined ? absent : (1 << 8) | short.charCodeAt(0)
    const index = this.#index
    for (let place = from; place < index.length; place += stride) {
      const key = index[place]
      if (key === shortKey || (key === longKey && this.#name(place).toLowerCase() === name)) return place
    }
    return absent
  }

  /** The first value of a header as bytes; undefined where it is absent. */
  first(name: string): string | undefined {
    let value: string | undefined
    for (let at = this.next(name, 0); at !== absent && !value; at = this.next(name, at + stride))
      value = isList(name) ? this.firstOf(at) : this.value(at)
    return value
  }

  /** The values of all its lines as bytes, each as it was written but for folds. */
  lineValues(name: string): string[] {
    const values: string[] = []
    for (let at = this.next(name, 0); at !== absent; at = this.next(name, at + stride)) values.push(this.value(at))
    return values
  }

  /** All its values, lists taken apart, as text. */
  all(name: string): string[] {
    const lines = this.lineValues(name)
    if (!isList(name)) return lines.map(decoded)
    const values: string[] = []
    for (const line of lines)
      for (const value of splitList(line, maxListValues - values.length)) values.push(decoded(value))
    return values
  }

  /** Every line in order. */
  lines(): HeaderLine[] {
    const lines: HeaderLine[] = []
    for (let place = 0; place < this.#index.length; place += stride)
      lines.push([this.#name(place), decoded(this.value(place))])
    return lines
  }

  /** The long name in lower case of each line, in order. */
  names(): string[] {
    const names: string[] = []
    for (let place = 0; place < this.#index.length; place += stride) names.push(longName(this.#name(place)))
    return names
  }
}
