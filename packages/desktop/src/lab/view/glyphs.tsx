import type { EntryKind } from '../contract.ts'

const shapes: Readonly<Record<EntryKind, string>> = {
  rest: 'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z',
  tevent: 'M0-6 6 0 0 6-6 0z',
  sip: 'M-4.5-4.5h9v9h-9z',
  msrp: 'M0-5.5 6 5H-6z',
  cometd: 'M0 5.5-6-5H6z',
  ucajax: 'M-2-5.5h4v3.5h3.5v4H2v3.5h-4V2h-3.5v-4H-2z',
}

/** The mark of a kind: a shape of its own, besides its colour. */
export function Glyph({ kind, x, y }: { kind: EntryKind; x: string; y: number }) {
  return (
    <svg x={x} y={y} class="glyph" aria-hidden="true" focusable="false">
      <path class={`kind-${kind}`} d={shapes[kind]} />
    </svg>
  )
}

/** The mark by itself, in a legend. */
export function KindMark({ kind }: { kind: EntryKind }) {
  return (
    <svg class="kind-mark" viewBox="-7 -7 14 14" aria-hidden="true" focusable="false">
      <path class={`kind-${kind}`} d={shapes[kind]} />
    </svg>
  )
}
