/** The octets of a message that one chunk carries, RFC 4975 §7.1.1. Octets count from 1. */
export interface ByteRange {
  start: number
  /** The last octet; null where the sender may still cut the chunk short (`*`). */
  end: number | null
  /** Octets of the whole message; null where the sender does not know it yet (`*`). */
  total: number | null
}

const form = /^(\d{1,15})-(\d{1,15}|\*)\/(\d{1,15}|\*)$/ // RFC 4975 §9; 15 digits are exact in a number

/** Reads the value of a Byte-Range header; undefined where it is none or contradicts itself. */
export function parseByteRange(value: string): ByteRange | undefined {
  const [, first, last, whole] = form.exec(value) ?? []
  if (first === undefined || last === undefined || whole === undefined) return undefined
  const range = { start: Number(first), end: numberOrStar(last), total: numberOrStar(whole) }
  return consistent(range) ? range : undefined
}

/** The value of the header, as RFC 4975 §9 has it. */
export function printByteRange({ start, end, total }: ByteRange): string {
  return `${start}-${end ?? '*'}/${total ?? '*'}`
}

function numberOrStar(text: string): number | null {
  return text === '*' ? null : Number(text)
}

function consistent({ start, end, total }: ByteRange): boolean {
  if (start < 1) return false
  if (end !== null && end < start) return start === 1 && end === 0 && (total === 0 || total === null) // an empty message
  if (total === null) return true
  // The last chunk of a message may be empty and then starts one after the last octet.
  return end === null ? start <= total + 1 : end <= total
}
