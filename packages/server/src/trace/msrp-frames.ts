/** A frame of RFC 4975 §7 taken apart as far as a reader wants it. All of it one character per byte. */
export interface TracedFrame {
  readonly tid: string
  /** `SEND`, `REPORT`, … or the status of a response with its comment. */
  readonly method: string
  /** The start line and the headers, with their line ends. */
  readonly head: string
  /** Empty where there is none. */
  readonly body: string
  /** The end-line with its flag, and the blank line in front of it. */
  readonly tail: string
}

const startLine = /MSRP ([A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}) ([A-Z]+|\d{3}[^\r\n]*)\r\n/y
const anyStart = /MSRP [A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31} (?:[A-Z]+|\d{3}[^\r\n]*)\r\n/g

/**
 * The frames in the bytes of a connection, with the places where they begin and end. What stands in front of the first is skipped: its
 * beginning may have given way. What is not complete is left out.
 */
export function* framesIn(stream: string): Generator<{ frame: TracedFrame; begin: number; end: number }> {
  const ends = endLines(stream)
  let at = nextStart(stream, 0)
  while (at >= 0) {
    startLine.lastIndex = at
    const start = startLine.exec(stream)
    const [line = '', tid = '', method = ''] = start ?? []
    // The start line's own end may be the one in front of the dashes.
    const end = start ? nextOf(ends.get(tid), at + line.length - 2) : undefined
    if (end === undefined) {
      at = nextStart(stream, at + 5)
      continue
    }
    const after = end + 2 + 7 + tid.length + 3
    yield { frame: frameOf(stream, at, end + 2, after, tid, method), begin: at, end: after }
    at = nextStart(stream, after)
  }
}

function nextStart(stream: string, from: number): number {
  anyStart.lastIndex = from
  return anyStart.exec(stream)?.index ?? -1
}

const endLine = /\r\n-------([A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31})[$+#]\r\n/g

/**
 * Where end-lines begin, by transaction id, found in one pass: a body may be full of what looks like frames, and each would be looked
 * for to the end of the stream.
 */
function endLines(stream: string): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (const { 1: tid = '', index } of stream.matchAll(endLine)) {
    const places = found.get(tid)
    if (places) places.push(index)
    else found.set(tid, [index])
  }
  return found
}

function nextOf(places: readonly number[] | undefined, from: number): number | undefined {
  if (!places) return undefined
  let [low, high] = [0, places.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle] as number) < from) low = middle + 1
    else high = middle
  }
  return places[low]
}

function frameOf(stream: string, begin: number, line: number, after: number, tid: string, method: string): TracedFrame {
  const blank = stream.indexOf('\r\n\r\n', begin)
  if (blank < 0 || blank + 4 > line)
    return { tid, method, head: stream.slice(begin, line), body: '', tail: stream.slice(line, after) }
  const body = Math.max(blank + 4, line - 2)
  return {
    tid,
    method,
    head: stream.slice(begin, blank + 4),
    body: stream.slice(blank + 4, body),
    tail: stream.slice(body, after),
  }
}

/** The first value of a header. */
export function frameHeader({ head }: Pick<TracedFrame, 'head'>, name: string): string | undefined {
  return new RegExp(`^${name}:[ \t]*(.*?)\r$`, 'im').exec(head)?.[1]
}
