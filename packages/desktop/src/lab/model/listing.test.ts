import { describe, expect, test } from 'vitest'
import {
  dueAgain,
  type Listing,
  lengthOf,
  newListing,
  nextDue,
  notRead,
  nowAsked,
  pieceRead,
  rowsOf,
  scrolled,
  searched,
} from './listing.ts'

const keyOf = (item: string) => item
const items = (from: number, count: number) => Array.from({ length: count }, (_, i) => `row ${from + i}`)
const known = (listing: Listing<string>) => rowsOf(listing, keyOf).map(({ item }) => item)

/** A server with these rows, asked until nothing is wanted any more. */
function readAll(before: Listing<string>, rows: readonly string[], size = 100, total: number | null = null) {
  let listing = before
  const asked: (string | null)[] = []
  for (;;) {
    const after = nextDue(listing, keyOf)
    if (after === undefined) return { listing, asked }
    asked.push(after)
    const from = after === null ? 0 : rows.findIndex((row) => row > after)
    const page = from === -1 ? [] : rows.slice(from, from + size)
    const next = from !== -1 && from + size < rows.length ? (page.at(-1) ?? null) : null
    listing = pieceRead(nowAsked(listing), after, listing.search, { items: page, next, total })
  }
}
const padded = (count: number) => Array.from({ length: count }, (_, i) => `row ${String(i).padStart(5, '0')}`)

describe('[DT-41] a long list', () => {
  test('is read as far as somebody looks, and one piece ahead', () => {
    const rows = padded(10_000)
    const seen = readAll(scrolled<string>(newListing, 0, 20), rows, 100, 10_000)
    expect([seen.asked, known(seen.listing).length]).toEqual([[null], 100])
    expect(lengthOf(seen.listing, 100)).toBe(10_000)
    const further = readAll(scrolled(seen.listing, 50, 70), rows, 100, 10_000)
    expect([further.asked, known(further.listing).length]).toEqual([['row 00099'], 200])
    const last = readAll(scrolled(further.listing, 9_980, 10_000), rows, 100, 10_000)
    expect([last.asked.length, known(last.listing).length]).toEqual([98, 10_000])
    expect(known(last.listing)).toEqual(rows)
  })

  test('has one row more than is known where nobody tells how many there are, and none more at its end', () => {
    const rows = padded(150)
    const first = readAll(scrolled<string>(newListing, 0, 10), rows).listing
    expect(lengthOf(first, 100)).toBe(101)
    const whole = readAll(scrolled(first, 90, 101), rows).listing
    expect(lengthOf(whole, known(whole).length)).toBe(150)
  })

  test('is read again where somebody looks, and nowhere else', () => {
    const rows = padded(1_000)
    const { listing } = readAll(scrolled<string>(newListing, 900, 950), rows)
    expect(dueAgain(scrolled(listing, 0, 20), keyOf).due).toEqual([null])
    expect(dueAgain(scrolled(listing, 190, 210), keyOf).due).toEqual(['row 00099', 'row 00199'])
  })

  test('follows when rows come and go between two readings', () => {
    const rows = padded(300)
    const { listing } = readAll(scrolled<string>(newListing, 240, 260), rows)
    // The first fifty have ended: every piece begins elsewhere now.
    const fewer = rows.slice(50)
    const again = readAll(dueAgain(scrolled(listing, 0, 120), keyOf), fewer)
    expect(known(again.listing)).toEqual(fewer)
    const more = readAll(dueAgain(scrolled(again.listing, 0, 120), keyOf), rows)
    expect(known(more.listing)).toEqual(rows)
  })

  test('shows a row once that moved from one piece to the next', () => {
    const first = pieceRead<string>(newListing, null, '', { items: items(0, 3), next: 'a', total: null })
    const both = pieceRead(first, 'a', '', { items: ['row 2', 'row 3'], next: null, total: null })
    expect(known(both)).toEqual(['row 0', 'row 1', 'row 2', 'row 3'])
  })

  test('ends where the server says so, whatever was known behind', () => {
    const { listing } = readAll(scrolled<string>(newListing, 0, 300), padded(300))
    const ended = pieceRead(listing, null, '', { items: ['row 00000'], next: null, total: null })
    expect(known(ended)).toEqual(['row 00000'])
    expect(dueAgain(scrolled(ended, 250, 260), keyOf).due).toEqual([null])
  })

  test('takes no answer to another question', () => {
    const other = searched<string>(newListing, 'x')
    const page = { items: ['row 1'], next: null, total: null }
    expect(pieceRead(other, null, '', page)).toBe(other)
    expect(pieceRead(other, 'nowhere', 'x', page).pieces).toEqual([])
  })

  test('asks one question at a time, and keeps what it has where there is no answer', () => {
    const { listing } = readAll(scrolled<string>(newListing, 0, 20), padded(50))
    const asked = nowAsked(dueAgain(listing, keyOf))
    expect(nextDue(asked, keyOf)).toBeUndefined()
    const failed = notRead(asked)
    expect([known(failed).length, nextDue(failed, keyOf), nextDue(dueAgain(failed, keyOf), keyOf)]).toEqual([
      50,
      undefined,
      null,
    ])
  })
})
