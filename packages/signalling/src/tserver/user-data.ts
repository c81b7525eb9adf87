import type { ErrorName } from './errors.ts'
import { utf8Length } from './utf8.ts'

/** A value of attached data. T-Library knows integers, strings, binaries and lists; JSON types are kept as they came. */
export type UserDataValue = string | number | boolean | null | UserDataValue[] | { [key: string]: UserDataValue }
/** Key-value data attached to a call; keys are unique, insertion order is kept. */
export type UserData = Readonly<Record<string, UserDataValue>>

/** T-Library's default limit for the packed size of a call's user data, in bytes, and the most it can be set to. */
export const defaultUserDataLimit = 16_000
export const largestUserDataLimit = 65_535
const maxNesting = 16

/**
 * The data with these pairs added. An existing key takes the new value: a JSON object cannot show duplicates.
 * Spread makes `__proto__` an own key like any other.
 */
export function attach(data: UserData, pairs: UserData): UserData {
  return { ...data, ...pairs }
}

/** The data without one key. */
export function deletePair(data: UserData, key: string): UserData {
  return Object.fromEntries(Object.entries(data).filter(([k]) => k !== key))
}

/** Packed size of the data in bytes: each pair costs its key and its value in UTF-8 and 4 bytes of type and length. Lists count what they hold. */
export function packedSize(data: UserData): number {
  let size = 0
  for (const [key, value] of Object.entries(data)) size += 4 + utf8Length(key) + valueSize(value)
  return size
}

/** Why these data cannot be attached to a call: over the limit, a key without a name, nested too deep. */
export function userDataProblem(data: UserData, limit: number): { reason: ErrorName; detail: string } | undefined {
  // Depth first: the size of lists is counted recursively, and must not be what finds out that they are too deep.
  for (const [key, value] of Object.entries(data)) {
    if (key === '') return { reason: 'TERR_BAD_PARAM', detail: 'a user data key is empty' }
    if (!within(value, maxNesting))
      return { reason: 'TERR_BAD_PARAM', detail: `user data is nested deeper than ${maxNesting}` }
  }
  const size = packedSize(data)
  if (size <= limit) return undefined
  return { reason: 'TERR_INVALID_ATTR', detail: `user data takes ${size} bytes, the limit is ${limit}` }
}

function valueSize(value: UserDataValue): number {
  if (typeof value === 'string') return utf8Length(value)
  if (typeof value === 'number') return 8
  if (value === null || typeof value === 'boolean') return 4
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + 4 + valueSize(item), 0)
  return packedSize(value)
}

function within(value: UserDataValue, levels: number): boolean {
  if (value === null || typeof value !== 'object') return true
  if (levels === 0) return false
  return Object.values(value).every((item) => within(item, levels - 1))
}
