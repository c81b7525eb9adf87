import { seededRandom } from '@ringdown/signalling/testing'

/** What is tried: it is given bytes and must neither throw nor hang; a wrong result is an Error of its own. */
export interface Target {
  readonly name: string
  /** Inputs to begin with; the more different they are, the better. */
  readonly corpus: readonly Uint8Array[]
  /** Pieces of the grammar that are put in, changed for one another and repeated. */
  readonly words: readonly string[]
  run(input: Uint8Array): void
}

/** One input that failed. `seed` and `index` lead to it again. */
export interface Failure {
  readonly seed: number
  readonly index: number
  readonly why: string
  readonly input: Uint8Array
}

/** What a run took. */
export interface FuzzResult {
  readonly target: string
  readonly count: number
  readonly failure: Failure | undefined
  /** The slowest input, ms of CPU time. */
  readonly slowestMs: number
  readonly longestInput: number
}

/** CPU time beyond which an input hangs, or will at the next size. Generous, as collecting garbage counts too. */
const hangMs = 1_000
/** Inputs do not grow beyond this, whatever is put in. */
const maxBytes = 65_536

type Random = () => number

/** Tries `count` inputs; stops at the first failure. The same seed makes the same inputs, and input `index` depends on nothing before it. */
export function fuzz(target: Target, seed: number, count: number, first = 0): FuzzResult {
  let slowestMs = 0
  let longestInput = 0
  for (let index = first; index < first + count; index++) {
    const input = makeInput(target, seed, index)
    longestInput = Math.max(longestInput, input.length)
    const start = process.cpuUsage()
    const why = tryOne(target, input)
    const { user, system } = process.cpuUsage(start)
    const took = (user + system) / 1000
    slowestMs = Math.max(slowestMs, took)
    const failed = why ?? (took > hangMs ? `took ${Math.round(took)} ms` : undefined)
    if (failed !== undefined) {
      const failure = { seed, index, why: failed, input }
      return { target: target.name, count: index - first + 1, failure, slowestMs, longestInput }
    }
  }
  return { target: target.name, count, failure: undefined, slowestMs, longestInput }
}

function tryOne(target: Target, input: Uint8Array): string | undefined {
  try {
    target.run(input)
    return undefined
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}

/** The input a seed and an index stand for. */
export function makeInput(target: Target, seed: number, index: number): Uint8Array {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ index)
  let bytes: Buffer = Buffer.from(pick(random, target.corpus))
  // Mostly a few changes: what is changed all over is refused at its first byte.
  for (let left = 1 + (random() % 8 === 0 ? random() % 40 : random() % 4); left > 0; left--)
    bytes = change(random, bytes, target).subarray(0, maxBytes)
  return bytes
}

function change(random: Random, bytes: Buffer, target: Target): Buffer {
  const kinds = [flipByte, cutOut, insertWord, replaceWord, repeatPiece, changeNumber, swapLines, dropLine, doubleLine]
  const kind = random() % (kinds.length + 2)
  if (kind === kinds.length) return splice(random, bytes, target)
  if (kind > kinds.length) return bytes.subarray(0, random() % (bytes.length + 1))
  return (kinds[kind] ?? flipByte)(random, bytes, target.words)
}

/** The beginning of one, the end of another. */
function splice(random: Random, bytes: Buffer, target: Target): Buffer {
  const other = Buffer.from(pick(random, target.corpus))
  return Buffer.concat([
    bytes.subarray(0, random() % (bytes.length + 1)),
    other.subarray(random() % (other.length + 1)),
  ])
}

/** Bytes that mean something to some grammar, or to none. */
const tellingBytes = Buffer.from('\r\n \t"<>;:,=()[]@\\/%+-0\0\x7f\x80\xff\xc3*?&', 'latin1')

function flipByte(random: Random, bytes: Buffer): Buffer {
  if (bytes.length === 0) return Buffer.from([random() & 255])
  const copy = Buffer.from(bytes)
  copy[random() % copy.length] = random() % 2 === 0 ? (pickByte(random) ?? 0) : random() & 255
  return copy
}

function pickByte(random: Random): number | undefined {
  return tellingBytes[random() % tellingBytes.length]
}

function cutOut(random: Random, bytes: Buffer): Buffer {
  const from = random() % (bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + (random() % 20))])
}

function insertWord(random: Random, bytes: Buffer, words: readonly string[]): Buffer {
  const at = random() % (bytes.length + 1)
  const word = random() % 4 === 0 ? Buffer.from([pickByte(random) ?? 0]) : Buffer.from(pick(random, words), 'latin1')
  return Buffer.concat([bytes.subarray(0, at), word, bytes.subarray(at)])
}

/** One word of the grammar for another that is in it. */
function replaceWord(random: Random, bytes: Buffer, words: readonly string[]): Buffer {
  const word = Buffer.from(pick(random, words), 'latin1')
  const at = bytes.indexOf(word, random() % (bytes.length + 1))
  if (at === -1) return bytes
  return Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from(pick(random, words), 'latin1'),
    bytes.subarray(at + word.length),
  ])
}

function repeatPiece(random: Random, bytes: Buffer): Buffer {
  const from = random() % (bytes.length + 1)
  const piece = bytes.subarray(from, from + 1 + (random() % 30))
  const times = random() % 16 === 0 ? random() % 2_000 : random() % 10
  return Buffer.concat([bytes.subarray(0, from), ...new Array<Buffer>(times).fill(piece), bytes.subarray(from)])
}

const numbers = ['0', '-1', '1', '00', '255', '256', '65535', '65536', '2147483647', '2147483648', '4294967296']

function changeNumber(random: Random, bytes: Buffer): Buffer {
  const text = bytes.toString('latin1')
  const found = [...text.matchAll(/\d+/g)]
  const match = found[random() % (found.length || 1)]
  if (!match) return bytes
  const number = random() % 8 === 0 ? '9'.repeat(1 + (random() % 400)) : pick(random, numbers)
  return Buffer.from(text.slice(0, match.index) + number + text.slice(match.index + match[0].length), 'latin1')
}

function swapLines(random: Random, bytes: Buffer): Buffer {
  return changeLines(random, bytes, (lines, at) => {
    const other = random() % lines.length
    const kept = lines[at] ?? ''
    lines[at] = lines[other] ?? ''
    lines[other] = kept
  })
}

function dropLine(random: Random, bytes: Buffer): Buffer {
  return changeLines(random, bytes, (lines, at) => lines.splice(at, 1))
}

function doubleLine(random: Random, bytes: Buffer): Buffer {
  return changeLines(random, bytes, (lines, at) => lines.splice(at, 0, lines[at] ?? ''))
}

function changeLines(random: Random, bytes: Buffer, change: (lines: string[], at: number) => void): Buffer {
  const lines = bytes.toString('latin1').split('\r\n')
  change(lines, random() % lines.length)
  return Buffer.from(lines.join('\r\n'), 'latin1')
}

function pick<T>(random: Random, from: readonly T[]): T {
  const found = from[random() % from.length]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}
