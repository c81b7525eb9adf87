import { TServerError } from './errors.ts'

/** A value of attached data. T-Library knows integers, strings, binaries and lists; JSON types are kept as they came. */
export type UserDataValue = string | number | boolean | null | UserDataValue[] | { [key: string]: UserDataValue }
/** Key-value data attached to a call; keys are unique, insertion order is kept. */
export type UserData = Readonly<Record<string, UserDataValue>>

/** T-Library's default limit for the packed size of a call's user data, in bytes. */
export const defaultUserDataLimit = 16_000
const maxNesting = 16

/** The data with these pairs added. An existing key takes the new value: a JSON object cannot show duplicates. */
export function attach(data: UserData, pairs: UserData): UserData {
  return withoutPrototype({ ...data, ...pairs })
}

/** The data without one key. */
export function deletePair(data: UserData, key: string): UserData {
  return withoutPrototype(Object.fromEntries(Object.entries(data).filter(([k]) => k !== key)))
}

/**
 * Packed size in bytes of the data: each pair costs its key and its value in UTF-8, with a length and a type byte pair each.
 * Lists count what they hold.
 */
export function packedSize(data: UserData): number {
  let size = 0
  for (const [key, value] of Object.entries(data)) size += 4 + utf8Length(key) + valueSize(value)
  return size
}

/** Refuses data over the limit, keys without a name, and lists nested too deep. */
export function checkUserData(data: UserData, limit: number): void {
  for (const [key, value] of Object.entries(data)) {
    if (key === '') throw new TServerError('TERR_BAD_PARAM', 'a user data key is empty')
    if (depth(value) > maxNesting)
      throw new TServerError('TERR_BAD_PARAM', `user data is nested deeper than ${maxNesting}`)
  }
  const size = packedSize(data)
  if (size > limit) throw new TServerError('TERR_INVALID_ATTR', `user data takes ${size} bytes, the limit is ${limit}`)
}

function valueSize(value: UserDataValue): number {
  if (typeof value === 'string') return utf8Length(value)
  if (typeof value === 'number') return 8
  if (value === null || typeof value === 'boolean') return 4
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + 4 + valueSize(item), 0)
  return packedSize(value)
}

function depth(value: UserDataValue): number {
  if (value === null || typeof value !== 'object') return 0
  const inner = Array.isArray(value) ? value : Object.values(value)
  return 1 + inner.reduce<number>((most, item) => Math.max(most, depth(item)), 0)
}

// `__proto__` as a key must stay data: JSON.parse makes it an own property and the spread keeps it one only on such an object.
function withoutPrototype(pairs: Record<string, UserDataValue>): UserData {
  return pairs
}

function utf8Length(text: string): number {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes += 1
    else if (unit < 0x800) bytes += 2
    else if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length) {
      bytes += 4
      i++
    } else bytes += 3
  }
  return bytes
}
