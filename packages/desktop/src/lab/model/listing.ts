import type { ListPage } from '../contract.ts'

/** A piece of a list, from behind a cursor on; null: from its beginning. */
interface Piece<T> {
  after: string | null
  items: readonly T[]
  next: string | null
}

/**
 * A long list of which only the rows in sight are asked for again and again. Its pieces are read one behind the other, as the server
 * gives them; what lies behind the last of them is read when somebody comes near. SPEC DT-41.
 */
export interface Listing<T> {
  search: string
  pieces: readonly Piece<T>[]
  /** How many there are in all, where the server tells. */
  total: number | null
  /** The rows in sight, the last one not included. */
  from: number
  to: number
  /** Pieces to read again, by where they begin. */
  due: readonly (string | null)[]
  /** Whether one is being read. */
  asked: boolean
  /** The server has answered at least once. */
  read: boolean
}

export const newListing: Listing<never> = {
  search: '',
  pieces: [],
  total: null,
  from: 0,
  to: 0,
  due: [null],
  asked: false,
  read: false,
}

/** Rows in a piece; so many are asked for at once. */
export const pieceSize = 100
/** So many rows before the end of what is known the next piece is read. */
const margin = 40

/** A row, and the piece it came with. */
interface Row<T> {
  item: T
  piece: number
}

/** The rows that are known. What moved from one piece to another between two readings stands there once. */
export function rowsOf<T>({ pieces }: Listing<T>, keyOf: (item: T) => string): readonly Row<T>[] {
  const seen = new Set<string>()
  const rows: Row<T>[] = []
  for (const [piece, { items }] of pieces.entries())
    for (const item of items) {
      const key = keyOf(item)
      if (seen.has(key)) continue
      seen.add(key)
      rows.push({ item, piece })
    }
  return rows
}

/** How many rows the list is long, as far as anybody knows: one more than are known stands for all that follow. */
export function lengthOf<T>(listing: Listing<T>, known: number): number {
  if (endOf(listing) === null) return known
  return Math.max(known + 1, listing.total ?? 0)
}

function endOf<T>({ pieces }: Listing<T>): string | null | undefined {
  const last = pieces.at(-1)
  return last?.next
}

/** The rows in sight have changed. */
export function scrolled<T>(listing: Listing<T>, from: number, to: number): Listing<T> {
  return from === listing.from && to === listing.to ? listing : { ...listing, from, to }
}

/** Another text is looked for. */
export function searched<T>(listing: Listing<T>, search: string): Listing<T> {
  return search === listing.search ? listing : { ...newListing, search, to: listing.to - listing.from }
}

/** What is in sight is due once more. */
export function dueAgain<T>(listing: Listing<T>, keyOf: (item: T) => string): Listing<T> {
  if (listing.pieces.length === 0) return { ...listing, due: [null] }
  const inSight = new Set(
    rowsOf(listing, keyOf)
      .slice(listing.from, Math.max(listing.to, listing.from + 1))
      .map(({ piece }) => piece),
  )
  // Where nothing is in sight, because the list has become shorter, its beginning tells.
  const due = listing.pieces
    .filter((_, i) => inSight.has(i) || (inSight.size === 0 && i === 0))
    .map(({ after }) => after)
  return { ...listing, due }
}

/** Where the piece begins that is to be read now; undefined: none. */
export function nextDue<T>(listing: Listing<T>, keyOf: (item: T) => string): string | null | undefined {
  if (listing.asked) return undefined
  const end = endOf(listing)
  const reachesEnd = end != null && listing.to > rowsOf(listing, keyOf).length - margin
  return reachesEnd ? end : listing.due[0]
}

export function nowAsked<T>(listing: Listing<T>): Listing<T> {
  return { ...listing, asked: true }
}

/** A piece has been read. */
export function pieceRead<T>(before: Listing<T>, after: string | null, search: string, page: ListPage<T>): Listing<T> {
  if (search !== before.search) return before
  const { items, next, total } = page
  const listing = { ...before, asked: false, read: true, total, due: before.due.filter((cursor) => cursor !== after) }
  const at = listing.pieces.findIndex((piece) => piece.after === after)
  if (at === -1) {
    const follows = listing.pieces.length === 0 ? after === null : endOf(listing) === after
    return follows ? { ...listing, pieces: [...listing.pieces, { after, items, next }] } : listing
  }
  const pieces = [...listing.pieces.slice(0, at), { after, items, next }]
  if (next === null) return { ...listing, pieces }
  const [following, ...rest] = listing.pieces.slice(at + 1)
  if (following === undefined || following.after === next)
    return { ...listing, pieces: [...pieces, ...(following ? [following, ...rest] : [])] }
  // Rows came or went: the next piece begins elsewhere now, and shows what it had until it is read again.
  const due = listing.due.map((cursor) => (cursor === following.after ? next : cursor))
  return { ...listing, due, pieces: [...pieces, { ...following, after: next }, ...rest] }
}

/** A piece could not be read; what is known stays. */
export function notRead<T>(listing: Listing<T>): Listing<T> {
  return { ...listing, asked: false, due: [] }
}
