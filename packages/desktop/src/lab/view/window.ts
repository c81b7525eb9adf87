import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

/** Rows drawn above and below of what is in sight, so that scrolling shows no gaps. */
const spare = 8

/** Of a long list in a box that scrolls, the rows that are in sight; `rowRem` is the height of each. */
export function useWindow<Box extends HTMLElement>(count: number, rowRem: number) {
  const box = useRef<Box>(null)
  const rowPx = rowRem * rootFontPx()
  const [range, setRange] = useState({ from: 0, to: 0 })
  const measure = useCallback(() => {
    const { current } = box
    if (!current) return
    const from = Math.max(0, Math.floor(current.scrollTop / rowPx) - spare)
    const to = Math.min(count, Math.ceil((current.scrollTop + current.clientHeight) / rowPx) + spare)
    setRange((before) => (before.from === from && before.to === to ? before : { from, to }))
  }, [count, rowPx])
  useLayoutEffect(measure, [measure])
  useEffect(() => {
    if (!box.current) return undefined
    const observer = new ResizeObserver(measure)
    observer.observe(box.current)
    return () => observer.disconnect()
  }, [measure])
  /** Brings a row into sight; `head` is covered by what stands on top. */
  const reveal = (row: number, head = 0) => {
    const { current } = box
    if (!current) return
    const [top, bottom] = [row * rowPx, (row + 1) * rowPx + head]
    if (top < current.scrollTop) current.scrollTop = top
    else if (bottom > current.scrollTop + current.clientHeight) current.scrollTop = bottom - current.clientHeight
    measure()
  }
  const to = Math.min(range.to, count)
  return { box, measure, reveal, rowPx, from: Math.min(range.from, to), to }
}

function rootFontPx(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
}
