import { type TProperties, type TSchema, type TUnsafe, Type } from 'typebox'
import { shaped } from '../web-services/schema/common.ts'
import type { Page } from './ports.ts'

/** What is on a page where the query does not say, and at most. */
export const pageLimits = { usual: 50, most: 200 } as const

/** Query of every list: where the page begins, and how long it is. */
export const pageFields = {
  after: Type.Optional(Type.String({ minLength: 1, maxLength: 512, description: '`next` of the page before' })),
  limit: Type.Optional(
    Type.String({ pattern: '^[1-9][0-9]{0,3}$', description: 'At most 200; 50 where it is absent' }),
  ),
}

/** What was asked for, within bounds. */
export function limitOf({ limit }: { limit?: string | undefined }): number {
  return Math.min(limit === undefined ? pageLimits.usual : Number(limit), pageLimits.most)
}

/** The answer of a list: the items under its name, and where the next page begins. */
export function pageAnswer(name: string, item: TProperties, more: TProperties = {}) {
  return shaped(
    Type.Object({
      statusCode: Type.Literal(0),
      [name]: Type.Array(Type.Object(item)),
      next: Type.Optional(Type.String({ description: 'Where the next page begins; absent behind the last' })),
      ...more,
    }),
  )
}

/** An answer that is a file. */
export function fileAnswer(type: string, schema: TSchema = Type.String()): TUnsafe<object> {
  return { description: 'The file', content: { [type]: { schema } } } as unknown as TUnsafe<object>
}

export function printPage<T>(name: string, { items, next }: Page<T>): Record<string, unknown> {
  return { statusCode: 0, [name]: items, ...(next !== undefined && { next }) }
}

/** A page of what is in the order of its keys, which are compared as they are. `wanted` leaves out. */
export function pageOf<T>(
  sorted: readonly T[],
  keyOf: (item: T) => string,
  after: string | undefined,
  limit: number,
  wanted: (item: T) => boolean = () => true,
): Page<T> {
  const items: T[] = []
  for (let at = after === undefined ? 0 : firstBehind(sorted, keyOf, after); at < sorted.length; at++) {
    const item = sorted[at] as T
    if (!wanted(item)) continue
    const last = items.at(-1)
    if (items.length === limit && last !== undefined) return { items, next: keyOf(last) }
    items.push(item)
  }
  return { items }
}

function firstBehind<T>(sorted: readonly T[], keyOf: (item: T) => string, after: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (keyOf(sorted[middle] as T) > after) high = middle
    else low = middle + 1
  }
  return low
}

/** Sorts what belongs to a configuration once: a reload makes another one. */
export function sortedOnce<K extends object, T>(
  all: (of: K) => Iterable<T>,
  keyOf: (item: T) => string,
): (of: K) => readonly T[] {
  const orders = new WeakMap<K, readonly T[]>()
  return (of) => {
    let order = orders.get(of)
    if (!order) {
      order = [...all(of)].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0))
      orders.set(of, order)
    }
    return order
  }
}
