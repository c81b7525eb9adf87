/** How a frame ends: the message is whole, goes on, or is given up. RFC 4975 §7.1. */
export type Flag = '$' | '+' | '#'

/** A header: the name in lower case, as it is looked up. */
export type HeaderLine = readonly [name: string, value: string]

/** Start line and headers of a request, RFC 4975 §7.1. */
export interface RequestHead {
  readonly kind: 'request'
  readonly tid: string
  readonly method: string
  /** URIs with a space between them, as they came; the next hop first. */
  readonly toPath: string
  readonly fromPath: string
  readonly headers: readonly HeaderLine[]
  /** A blank line follows: the body may still be empty, and that is not the same as no body. */
  readonly hasBody: boolean
}

/** A response, RFC 4975 §7.2. */
export interface ResponseHead {
  readonly kind: 'response'
  readonly tid: string
  readonly status: number
  readonly comment: string
  readonly toPath: string
  readonly fromPath: string
  readonly headers: readonly HeaderLine[]
}

/** What a frame begins with. */
export type Head = RequestHead | ResponseHead

/** What could not be read. The stream cannot be read on after it. */
export interface Fault {
  /** For the log; nothing of the frame is in it. */
  readonly why: string
  readonly status: 400 | 413
  /** What an answer needs; undefined where the frame was a response, or these were not there yet. */
  readonly answer: { readonly tid: string; readonly toPath: string; readonly fromPath: string } | undefined
}

/** The value of a header by its name in lower case. */
export function headerOf(head: { readonly headers: readonly HeaderLine[] }, name: string): string | undefined {
  for (const line of head.headers) if (line[0] === name) return line[1]
  return undefined
}

/** The first URI of a path. */
export function firstUri(path: string): string {
  const end = path.indexOf(' ')
  return end < 0 ? path : path.slice(0, end)
}

/** The last URI of a path. */
export function lastUri(path: string): string {
  return path.slice(path.lastIndexOf(' ') + 1)
}

/** RFC 4975 §9: `ident`, for transaction ids and Message-IDs. */
export function isIdent(text: string): boolean {
  return ident.test(text)
}

const ident = /^[A-Za-z0-9][A-Za-z0-9.+%=-]{3,31}$/
