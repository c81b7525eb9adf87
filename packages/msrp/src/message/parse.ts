import type { Fault, Flag, Head, HeaderLine, RequestHead } from './frame.ts'

/** Bytes and lines a frame may have, and the path of a SEND: our REPORT repeats it among other headers. SPEC MS-16. */
export const frameLimits = { startLine: 1024, headers: 8192, headerLines: 64, otherBody: 10_240, path: 4096 } as const

/** Who is told of frames as they come in. Called from `push`; must not throw. */
export interface FrameUser {
  /** The headers are there. Always followed by pieces of the body, if there are any, and one `onEnd`, unless a fault comes. */
  onHead(head: Head): void
  /** A piece of the body: a view of the bytes that were pushed. */
  onBody(piece: Uint8Array): void
  onEnd(flag: Flag): void
  /** The bytes make no sense; nothing is read after it. */
  onFault(fault: Fault): void
}

const startLine = /^MSRP ([A-Za-z0-9][A-Za-z0-9.+%=-]{3,31}) (?:(\d{3})(?: (.*))?|([A-Z]{1,32}))$/
const headerName = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const control = /[\0-\x08\x0a-\x1f\x7f]/
const plain = /^[\t\x20-\x7e]*$/

/** Headers that must not come twice: two readers of such a frame would not see the same. */
const once = new Set([
  ...['to-path', 'from-path', 'message-id', 'byte-range', 'success-report', 'failure-report', 'status'],
  ...['content-type', 'use-path', 'expires', 'authorization', 'authentication-info'],
])

const LF = 0x0a
const CR = 0x0d
const flags: Readonly<Record<number, Flag>> = { 36: '$', 43: '+', 35: '#' }
const empty = Buffer.alloc(0)

/**
 * Reads frames out of a stream of bytes, however it is cut. The end of a frame is found by its end-line and never computed
 * from Byte-Range (RFC 4975 §7.1.1: that may be `*`, or wrong). Bodies are passed on in pieces and not kept.
 */
export class FrameParser {
  readonly #user: FrameUser
  #state: 'start' | 'headers' | 'body' | 'over' = 'start'
  /** Bytes that are no whole line yet, or may become an end-line. */
  #held: Buffer = empty
  #tid = ''
  #method: string | undefined
  #status = 0
  #comment = ''
  #headers: HeaderLine[] = []
  #headerBytes = 0
  #toPath: string | undefined
  #fromPath: string | undefined
  #endLine = ''
  #marker: Buffer = empty
  #atBodyStart = false
  #bodyBytes = 0

  constructor(user: FrameUser) {
    this.#user = user
  }

  /** Whether nothing of a further frame has come yet. */
  get between(): boolean {
    return this.#state === 'start' && this.#held.length === 0
  }

  push(bytes: Uint8Array): void {
    if (this.#state === 'over') return
    const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const data = this.#held.length === 0 ? given : Buffer.concat([this.#held, given])
    let at = 0
    for (;;) {
      const next = this.#step(data, at)
      if (next === undefined) break
      at = next
    }
    // A copy: a few held bytes must not keep the whole read alive.
    this.#held = at < data.length && !this.#isOver() ? Buffer.from(data.subarray(at)) : empty
  }

  /** Nothing is read any more. */
  stop(): void {
    this.#state = 'over'
  }

  #isOver(): boolean {
    return this.#state === 'over'
  }

  /** Reads one line, or what there is of the body; where to go on, undefined where more bytes are needed. */
  #step(data: Buffer, at: number): number | undefined {
    switch (this.#state) {
      case 'start':
        return at < data.length ? this.#start(data, at) : undefined
      case 'headers':
        return at < data.length ? this.#header(data, at) : undefined
      case 'body':
        return this.#body(data, at)
      case 'over':
        return undefined
    }
  }

  #start(data: Buffer, at: number): number | undefined {
    this.#method = undefined
    this.#toPath = undefined
    this.#fromPath = undefined
    const end = data.indexOf(LF, at)
    if ((end < 0 ? data.length : end - 1) - at > frameLimits.startLine) return this.#fault('a start line too long', 400)
    if (end < 0) return undefined
    if (end === at + 1 && data[at] === CR) return end + 1 // COMPAT peers that send an empty line to keep a NAT open
    const line = textOf(data, at, end)
    const [, tid, status, comment, method] = (line !== undefined && startLine.exec(line)) || []
    if (tid === undefined) return this.#fault('no start line', 400)
    this.#tid = tid
    this.#method = method
    this.#status = Number(status)
    this.#comment = comment ?? ''
    this.#headers = []
    this.#headerBytes = 0
    this.#endLine = `-------${tid}`
    this.#state = 'headers'
    return end + 1
  }

  #header(data: Buffer, at: number): number | undefined {
    const end = data.indexOf(LF, at)
    const length = (end < 0 ? data.length : end + 1) - at
    if (this.#headerBytes + length > frameLimits.headers) return this.#fault('too many bytes of headers', 400)
    if (end < 0) return undefined
    this.#headerBytes += length
    if (end === at + 1 && data[at] === CR) return this.#blankLine(at)
    const line = textOf(data, at, end)
    if (line === undefined) return this.#fault('a line with a control character', 400)
    if (line.length === this.#endLine.length + 1 && line.startsWith(this.#endLine)) {
      const flag = flags[line.charCodeAt(line.length - 1)]
      if (flag === undefined) return this.#fault('an end-line without a flag', 400)
      return this.#head(false) ? this.#end(flag, end + 1) : undefined
    }
    const colon = line.indexOf(':')
    const name = nameOf(line.slice(0, Math.max(0, colon)))
    if (name === undefined) return this.#fault('a line that is no header', 400)
    if (this.#headers.length === frameLimits.headerLines) return this.#fault('too many headers', 400)
    return this.#keep(name, trimmed(line, colon + 1)) ? end + 1 : this.#fault('a header twice', 400)
  }

  #keep(name: string, value: string): boolean {
    if (once.has(name) && this.#headers.some((line) => line[0] === name)) return false
    this.#headers.push([name, value])
    if (name === 'to-path') this.#toPath = value
    if (name === 'from-path') this.#fromPath = value
    return true
  }

  /** The body begins. Its CRLF is left where it is: it may be the one before the end-line as well. */
  #blankLine(at: number): number | undefined {
    if (this.#method === undefined) return this.#fault('a response with a body', 400) // RFC 4975 §7.2
    if (!this.#head(true)) return undefined
    this.#marker = Buffer.from(`\r\n${this.#endLine}`, 'latin1')
    this.#atBodyStart = true
    this.#bodyBytes = 0
    this.#state = 'body'
    return at
  }

  #head(hasBody: boolean): boolean {
    const [toPath, fromPath, tid, headers] = [this.#toPath, this.#fromPath, this.#tid, this.#headers]
    if (!toPath || !fromPath) {
      this.#fault('no To-Path or no From-Path', 400)
      return false
    }
    const method = this.#method
    if (method !== undefined)
      this.#user.onHead({ kind: 'request', tid, method, toPath, fromPath, headers, hasBody } satisfies RequestHead)
    else
      this.#user.onHead({
        kind: 'response',
        tid,
        status: this.#status,
        comment: this.#comment,
        toPath,
        fromPath,
        headers,
      })
    return this.#state !== 'over'
  }

  #body(data: Buffer, at: number): number | undefined {
    if (this.#atBodyStart) {
      // COMPAT peers that end an empty body with the blank line itself, one CRLF short.
      const found = this.#endAt(data, at)
      if (found === 'more') return undefined
      this.#atBodyStart = false
      return found === undefined ? at + 2 : this.#end(found, at + this.#marker.length + 3)
    }
    const i = data.indexOf(this.#marker, at)
    if (i < 0) {
      const kept = this.#beginningOfMarker(data, at)
      if (this.#piece(data, at, kept) && kept > at) return kept
      return undefined
    }
    const found = this.#endAt(data, i)
    if (found === undefined) return this.#piece(data, at, i + 2) ? i + 2 : undefined
    if (!this.#piece(data, at, i)) return undefined
    if (found === 'more') return i > at ? i : undefined
    return this.#end(found, i + this.#marker.length + 3)
  }

  /** The flag of the end-line that begins here; `more` where it may still become one. */
  #endAt(data: Buffer, at: number): Flag | 'more' | undefined {
    const marker = this.#marker
    const there = Math.min(marker.length, data.length - at)
    if (data.compare(marker, 0, there, at, at + there) !== 0) return undefined
    const flagAt = at + marker.length
    if (flagAt >= data.length) return 'more'
    const flag = flags[data[flagAt] ?? 0]
    if (flag === undefined) return undefined
    if (flagAt + 1 < data.length && data[flagAt + 1] !== CR) return undefined
    if (flagAt + 2 < data.length && data[flagAt + 2] !== LF) return undefined
    return flagAt + 2 < data.length ? flag : 'more'
  }

  /** Where the bytes at the end begin that may be the first ones of an end-line: it has one CR only, its first byte. */
  #beginningOfMarker(data: Buffer, at: number): number {
    const last = data.lastIndexOf(CR)
    if (last < at || data.length - last >= this.#marker.length) return data.length
    return this.#endAt(data, last) === 'more' ? last : data.length
  }

  #piece(data: Buffer, from: number, to: number): boolean {
    if (to <= from) return true
    this.#bodyBytes += to - from
    if (this.#method !== 'SEND' && this.#bodyBytes > frameLimits.otherBody) {
      this.#fault('too long a body', 413) // RFC 4975 §7.1
      return false
    }
    this.#user.onBody(data.subarray(from, to))
    return this.#state !== 'over'
  }

  #end(flag: Flag, next: number): number | undefined {
    this.#state = 'start'
    this.#user.onEnd(flag)
    return this.#isOver() ? undefined : next
  }

  #fault(why: string, status: Fault['status']): undefined {
    this.#state = 'over'
    const [toPath, fromPath] = [this.#toPath, this.#fromPath]
    const answerable = this.#method !== undefined && this.#method !== 'REPORT' && toPath && fromPath
    this.#user.onFault({ why, status, answer: answerable ? { tid: this.#tid, toPath, fromPath } : undefined })
  }
}

/** A line without its CRLF; undefined where it has other control characters, or an LF alone at its end. */
function textOf(data: Buffer, at: number, lf: number): string | undefined {
  if (lf === at || data[lf - 1] !== CR) return undefined
  const line = data.toString('latin1', at, lf - 1)
  if (plain.test(line)) return line
  return control.test(line) ? undefined : data.toString('utf8', at, lf - 1)
}

/** Header names as they are nearly always written, to the ones they are looked up by. */
const usual = new Map(
  [...once].map((name) => {
    const written = name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()).replace(/^Message-Id$/, 'Message-ID')
    return [written, name] as const
  }),
)

/** A header's name in lower case; undefined where it is none. */
function nameOf(written: string): string | undefined {
  return usual.get(written) ?? (headerName.test(written) ? written.toLowerCase() : undefined)
}

/** The rest of a line without spaces and tabs around it. */
function trimmed(line: string, from: number): string {
  let [start, end] = [from, line.length]
  while (start < end && isBlank(line.charCodeAt(start))) start++
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--
  return line.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
