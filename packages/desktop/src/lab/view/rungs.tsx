import { useEffect, useRef } from 'preact/hooks'
import type { Lane } from '../contract.ts'
import type { Rung } from '../model/ladder.ts'
import { type SayLab, useLabText } from './context.ts'
import { Glyph } from './glyphs.tsx'
import { preciseText, spanText } from './when.ts'
import { useWindow } from './window.ts'

/** Height of a rung: its title, and its arrow below. */
const rungRem = 2.75
const headRem = 3.25
/** Where the arrow lies in its rung, pixels. */
const arrowY = 32
/** A pause shorter than this, milliseconds, goes without saying. */
const noteworthyMs = 1

interface RungsProps {
  lanes: readonly Lane[]
  rungs: readonly Rung[]
  /** The entry whose content is shown. */
  chosen: string | null
  onChoose: (id: string) => void
  /** Into the content of the chosen one. */
  onEnter: () => void
}

/** The ladder itself: a list one moves through with the arrow keys. Only the rungs in sight are in the page. */
export function Rungs({ lanes, rungs, chosen, onChoose, onEnter }: RungsProps) {
  const say = useLabText()
  const { box, measure, reveal, rowPx, from, to } = useWindow<HTMLDivElement>(rungs.length, rungRem)
  const atEnd = useFollowing(box, rungs.length)
  const at = rungs.findIndex(({ entry }) => entry.id === chosen)
  const headPx = (rowPx * headRem) / rungRem
  const revealed = useRef<string | null>(null)
  // A link leads to its line, also where that is far down; afterwards the person scrolls.
  useEffect(() => {
    if (at === -1 || revealed.current === chosen) return
    revealed.current = chosen
    reveal(at, headPx)
  })
  const move = (to: number) => {
    const rung = rungs[Math.min(Math.max(to, 0), rungs.length - 1)]
    if (!rung) return
    onChoose(rung.entry.id)
  }
  const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowPx) - 2)
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at === -1 ? 0 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: rungs.length - 1,
    }
    const step = steps[event.key]
    if (step !== undefined) move(step)
    else if (event.key === 'Enter' && at !== -1) onEnter()
    else return
    event.preventDefault()
  }
  const onScroll = () => {
    measure()
    atEnd()
  }
  const inSight = rungs.slice(from, to)
  return (
    <div class="ladder-box" ref={box} onScroll={onScroll}>
      <div class="ladder-sheet" data-lanes={Math.min(lanes.length, 6)}>
        <div class="lanes" aria-hidden="true">
          <div class="lanes-box">
            {lanes.map(({ id, label, kind }, i) => (
              <div
                key={id}
                class={`lane ${kind}`}
                style={{ insetInlineStart: position(i, lanes.length, -0.5), inlineSize: `${100 / lanes.length}%` }}
              >
                <span>{label}</span>
              </div>
            ))}
          </div>
        </div>
        <div
          class="rungs"
          role="listbox"
          aria-label={say('ladder.rungs')}
          aria-activedescendant={at >= from && at < to ? rungId(at) : undefined}
          tabIndex={0}
          onKeyDown={onKeyDown}
          style={{ blockSize: `${rungs.length * rowPx}px` }}
        >
          {inSight.map((rung, i) => (
            <RungRow
              key={rung.entry.id}
              rung={rung}
              lanes={lanes}
              at={from + i}
              of={rungs.length}
              rowPx={rowPx}
              chosen={rung.entry.id === chosen}
              onChoose={onChoose}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

interface RungRowProps {
  rung: Rung
  lanes: readonly Lane[]
  at: number
  of: number
  rowPx: number
  chosen: boolean
  onChoose: (id: string) => void
}

function RungRow({ rung, lanes, at, of, rowPx, chosen, onChoose }: RungRowProps) {
  const say = useLabText()
  const { entry, from, to, pause } = rung
  const count = lanes.length
  const [left, right] = [Math.min(from, to), Math.max(from, to)]
  // The title stands on its arrow, on the side where there is more room.
  const side =
    left + right < count
      ? { insetInlineStart: position(left, count), textAlign: 'start' as const }
      : { insetInlineEnd: `${100 - ((right + 0.5) / count) * 100}%`, textAlign: 'end' as const }
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names the option that is meant
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
    <div
      role="option"
      id={rungId(at)}
      class="rung"
      aria-selected={chosen}
      aria-setsize={of}
      aria-posinset={at + 1}
      style={{ blockSize: `${rowPx}px`, insetBlockStart: `${at * rowPx}px` }}
      onClick={() => onChoose(entry.id)}
    >
      <span class="away">{spoken(say, rung, lanes)}</span>
      <div class="rung-time" aria-hidden="true">
        <span>{preciseText(entry.at, say.locale)}</span>
        {pause >= noteworthyMs && (
          <span class="small">{say('ladder.later', { time: spanText(pause, say.locale) })}</span>
        )}
      </div>
      <div class="rung-lanes" aria-hidden="true">
        <svg class={`arrow kind-${entry.kind}`} aria-hidden="true" focusable="false">
          {lanes.map(({ id, kind }, i) => (
            <line key={id} class={`life ${kind}`} x1={position(i, count)} x2={position(i, count)} y1="0" y2="100%" />
          ))}
          {from !== to && (
            <line
              class={entry.repeated ? 'shaft repeated' : 'shaft'}
              x1={position(from, count)}
              x2={position(to, count)}
              y1={arrowY}
              y2={arrowY}
            />
          )}
          {from !== to && (
            <svg x={position(to, count)} y={arrowY} class="tip" aria-hidden="true" focusable="false">
              <path d={to > from ? 'M-1 0-9-4.5V4.5z' : 'M1 0 9-4.5V4.5z'} />
            </svg>
          )}
          <Glyph kind={entry.kind} x={position(from, count)} y={arrowY} />
        </svg>
        <span class="rung-title" style={side}>
          <span class={`kind-name kind-${entry.kind}`}>{say(`ladder.kind.${entry.kind}`)}</span> {entry.title}
          {entry.repeated && <em>{` · ${say('ladder.repeated')}`}</em>}
        </span>
      </div>
    </div>
  )
}

function position(lane: number, count: number, shift = 0): string {
  return `${((lane + 0.5 + shift) / count) * 100}%`
}

function rungId(at: number): string {
  return `rung-${at}`
}

function spoken(say: SayLab, { entry, from, to }: Rung, lanes: readonly Lane[]): string {
  const [one = entry.from, other = entry.to] = [lanes[from]?.label, lanes[to]?.label]
  const parts = { time: preciseText(entry.at, say.locale), kind: say(`ladder.kind.${entry.kind}`), title: entry.title }
  const text =
    from === to
      ? say('ladder.rungWithin', { ...parts, to: other })
      : say('ladder.rung', { ...parts, from: one, to: other })
  return entry.repeated ? say('ladder.again', { text }) : text
}

/** Who stands at the end of a ladder that grows stays at its end. Returns what is to be called when it is scrolled. */
function useFollowing(box: { current: HTMLElement | null }, length: number): () => void {
  const follows = useRef(false)
  const before = useRef(length)
  useEffect(() => {
    const { current } = box
    if (current && follows.current && length > before.current) current.scrollTop = current.scrollHeight
    before.current = length
  }, [box, length])
  return () => {
    const { current } = box
    if (current)
      follows.current = current.scrollTop > 0 && current.scrollTop + current.clientHeight > current.scrollHeight - 4
  }
}
