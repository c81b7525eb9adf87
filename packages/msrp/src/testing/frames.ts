import type { Fault, Flag, Head } from '../message/frame.ts'
import { FrameParser } from '../message/parse.ts'

/** A frame as it was read, its body in one piece. */
export interface Frame {
  readonly head: Head
  readonly body: Buffer
  readonly flag: Flag
}

/** Everything a parser tells of some bytes. */
export interface Heard {
  readonly frames: Frame[]
  /** Bytes of a frame that has not ended yet. */
  readonly open: { head: Head; body: Buffer } | undefined
  readonly fault: Fault | undefined
}

/** Reads the pieces one after the other. */
export function readFrames(pieces: Iterable<Uint8Array>): Heard {
  const frames: Frame[] = []
  let open: { head: Head; body: Buffer } | undefined
  let fault: Fault | undefined
  const parser = new FrameParser({
    onHead: (head) => {
      open = { head, body: Buffer.alloc(0) }
    },
    onBody: (piece) => {
      if (open) open.body = Buffer.concat([open.body, piece])
    },
    onEnd: (flag) => {
      if (open) frames.push({ ...open, flag })
      open = undefined
    },
    onFault: (found) => {
      fault = found
    },
  })
  for (const piece of pieces) parser.push(piece)
  return { frames, open, fault }
}

/** The bytes one at a time. */
export function* byteByByte(bytes: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < bytes.length; i++) yield bytes.subarray(i, i + 1)
}

/** The bytes cut at these places. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}
