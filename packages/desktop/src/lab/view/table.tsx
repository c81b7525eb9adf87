// biome-ignore-all lint/a11y/useSemanticElements: rows that stand where they are put are no table rows to a browser, the roles say what they are
// biome-ignore-all lint/a11y/useFocusableInteractive: a row of a table that is read takes no focus, what is in it does
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { ListName, Lists } from '../contract.ts'
import { keyOf } from '../model/keys.ts'
import type { Lab } from '../model/lab.ts'
import { type Listing, lengthOf, rowsOf } from '../model/listing.ts'
import { useLabText, useTell } from './context.ts'
import { useWindow } from './window.ts'

export interface Column<T> {
  name: string
  cell: (item: T) => ComponentChildren
  /** Left out on a narrow screen. */
  wide?: boolean
}

interface TableProps<Name extends ListName> {
  lab: Lab
  list: Name
  label: string
  empty: string
  columns: readonly Column<Lists[Name]>[]
}

/** Height of a row: two lines of text. */
const rowRem = 3.5

/** A list of any length; only the rows in sight are in the page. */
export function Table<Name extends ListName>({ lab, list, label, empty, columns }: TableProps<Name>) {
  const say = useLabText()
  const tell = useTell()
  const listing = lab.lists[list] as Listing<Lists[Name]>
  const key = keyOf[list] as (item: Lists[Name]) => string
  const rows = rowsOf(listing, key)
  const length = lengthOf(listing, rows.length)
  const { box, measure, rowPx, from, to } = useWindow<HTMLDivElement>(length, rowRem)
  useEffect(() => tell({ input: 'scrolled', list, from, to }), [tell, list, from, to])
  useEffect(() => {
    if (box.current && listing.search !== undefined) box.current.scrollTop = 0
  }, [box, listing.search])
  const inSight = Array.from({ length: to - from }, (_, i) => from + i)
  return (
    <>
      {!listing.read && (
        <p class="table-note" role="status">
          {say('list.reading')}
        </p>
      )}
      {listing.read && length === 0 && (
        <p class="table-note" role="status">
          {empty}
        </p>
      )}
      <div
        class={`table ${list}`}
        role="table"
        aria-label={label}
        aria-rowcount={length + 1}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has only a keyboard scrolls it with the arrow keys
        tabIndex={0}
        hidden={length === 0}
        ref={box}
        onScroll={measure}
      >
        <div role="rowgroup" class="table-head">
          <div role="row" class="table-row" aria-rowindex={1}>
            {columns.map(({ name, wide }) => (
              <span role="columnheader" key={name} class={wide ? 'wide' : undefined}>
                {name}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" class="table-body" style={{ blockSize: `${length * rowPx}px` }}>
          {inSight.map((at) => {
            const row = rows[at]
            return (
              <div
                role="row"
                class="table-row"
                key={row ? key(row.item) : `row ${at}`}
                aria-rowindex={at + 2}
                style={{ blockSize: `${rowPx}px`, insetBlockStart: `${at * rowPx}px` }}
              >
                {row ? (
                  columns.map(({ name, cell, wide }) => (
                    <div role="cell" key={name} class={wide ? 'wide' : undefined}>
                      {cell(row.item)}
                    </div>
                  ))
                ) : (
                  <div role="cell" class="small">
                    {say('list.rowReading')}
                  </div>
                )}
              </div>
            )
          })}
        </div>
      </div>
    </>
  )
}

/** How long a list is, as far as it is known. */
export function ListLength({ lab, list }: { lab: Lab; list: ListName }) {
  const say = useLabText()
  const listing = lab.lists[list] as Listing<Lists[ListName]>
  if (!listing.read) return null
  const known = rowsOf(listing, keyOf[list]).length
  const length = lengthOf(listing, known)
  const whole = length === known || listing.total !== null
  return <span class="small">{whole ? say('list.known', { count: length }) : say('list.more', { count: known })}</span>
}
