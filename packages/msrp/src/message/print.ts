import type { Flag } from './frame.ts'

/** Random bytes of a cryptographic source; seeded in tests. */
export type Random = (bytes: number) => Uint8Array

/** What a request is printed from; all texts are the caller's own, checked before. */
export interface RequestParts {
  readonly tid: string
  readonly method: string
  readonly toPath: string
  readonly fromPath: string
  /** Between From-Path and Content-Type, in this order. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Absent: no body, which is not an empty one. */
  readonly content?: { readonly type: string; readonly body: Uint8Array }
  readonly flag: Flag
}

/** One whole request, in one piece of memory: some peers count the reads a frame takes. RFC 4975 §7.1. */
export function printRequest({ tid, method, toPath, fromPath, headers, content, flag }: RequestParts): Buffer {
  let head = `MSRP ${tid} ${method}\r\nTo-Path: ${toPath}\r\nFrom-Path: ${fromPath}\r\n`
  for (const [name, value] of headers) head += `${name}: ${value}\r\n`
  if (content === undefined) return Buffer.from(`${head}-------${tid}${flag}\r\n`)
  head += `Content-Type: ${content.type}\r\n\r\n`
  const tail = `\r\n-------${tid}${flag}\r\n`
  const headBytes = Buffer.byteLength(head)
  const frame = Buffer.allocUnsafe(headBytes + content.body.length + tail.length)
  frame.write(head, 0)
  frame.set(content.body, headBytes)
  frame.write(tail, headBytes + content.body.length, 'latin1')
  return frame
}

/** What a response is printed from. */
export interface ResponseParts {
  readonly tid: string
  readonly status: number
  readonly comment: string
  readonly toPath: string
  readonly fromPath: string
}

/** RFC 4975 §7.2: never with a body, always ended by `$`. */
export function printResponse({ tid, status, comment, toPath, fromPath }: ResponseParts): Buffer {
  const start = comment === '' ? `MSRP ${tid} ${status}` : `MSRP ${tid} ${status} ${comment}`
  return Buffer.from(`${start}\r\nTo-Path: ${toPath}\r\nFrom-Path: ${fromPath}\r\n-------${tid}$\r\n`)
}

/** A transaction id of 80 random bits that does not stand behind seven minus signs inside the body. RFC 4975 §7.1. */
export function newTid(random: Random, body?: Uint8Array): string {
  for (;;) {
    const tid = hex(random(10))
    if (body === undefined || body.length < 27) return tid
    if (!Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(`-------${tid}`)) return tid
  }
}

/** Bytes as lower-case hexadecimal digits: an `ident` of RFC 4975, and safe inside a URI. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
