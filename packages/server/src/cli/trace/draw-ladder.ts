import type { Ladder, LadderEntry, Lane } from '@ringdown/facade'
import { kinds, missingFrom } from '../../trace/svg.ts'
import { cut, plainLine, widthOf, wrap } from './plain-text.ts'
import { Row, type Style } from './row.ts'

export interface Drawing {
  /** Characters of a line. */
  width: number
  /** Draws with what every terminal has. */
  ascii: boolean
  colour: boolean
}

/** A line of a ladder with its number in the whole of it, from 1. */
export interface Numbered {
  line: number
  entry: LadderEntry
}

/** Colours of the picture, as terminals have them. Kinds are told by their word as well. */
const styles: Readonly<Record<LadderEntry['kind'], Style>> = {
  rest: '34',
  tevent: '90',
  sip: '31',
  msrp: '35',
  cometd: '32',
  ucajax: '33',
}
const dim: Style = '2'
const bold: Style = '1'

// biome-ignore format: read it as a table
const signs = {
  lines: { lane: '│', dash: '─', again: '╌', right: '▶', left: '◀', from: '├', fromLeft: '┤', cross: '┼', point: '●', mark: '…', to: '→' },
  ascii: { lane: '|', dash: '-', again: '.', right: '>', left: '<', from: '+', fromLeft: '+', cross: '+', point: '*', mark: '...', to: '->' },
} as const

/** Columns a lane needs for an arrow with some words; with less, the ladder is a list. */
const leastLane = 14
/** More does not make it easier to read. */
const mostLane = 56
const mostLines = 3
/** Columns beside the first lane and the last one, for their names; beside the engine where it is the last, for its events. */
const edge = 6
const eventRoom = 30

/** Draws the lines of one session: lanes are columns, what passes is an arrow between two of them. */
export class LadderPen {
  readonly #drawing: Drawing
  readonly #signs: (typeof signs)['lines' | 'ascii']
  readonly #lanes: readonly Lane[]
  readonly #gutter: number
  readonly #numberWidth: number
  /** Column of each lane by its id; empty where they have no room. */
  readonly #columns = new Map<string, number>()
  readonly #laneWidth: number

  /** `count`: how many lines there will be, about. */
  constructor(lanes: readonly Lane[], count: number, drawing: Drawing) {
    this.#drawing = drawing
    this.#signs = drawing.ascii ? signs.ascii : signs.lines
    this.#lanes = lanes
    this.#numberWidth = Math.max(3, String(count).length)
    this.#gutter = this.#numberWidth + timeWidth + deltaWidth + 3
    // The engine's own events are written to the right of its lane.
    const right = lanes.at(-1)?.kind === 'engine' ? eventRoom : edge
    const room = drawing.width - this.#gutter - edge - right
    this.#laneWidth = lanes.length < 2 ? room : Math.min(mostLane, Math.floor(room / (lanes.length - 1)))
    if (this.#laneWidth < leastLane) return
    for (const [i, { id }] of lanes.entries()) this.#columns.set(id, this.#gutter + edge + this.#laneWidth * i)
  }

  /** Names of the lanes. */
  head(): string[] {
    const row = new Row(this.#drawing.width)
    row.put(0, '#'.padStart(this.#numberWidth), dim)
    row.put(this.#numberWidth + 1, 'seconds'.padStart(timeWidth), dim)
    for (const { id, label } of this.#lanes) {
      const column = this.#columns.get(id)
      if (column === undefined) continue
      const text = this.#text(label, this.#laneWidth - 2)
      const centred = column - Math.floor(widthOf(text) / 2)
      row.put(Math.max(this.#gutter, Math.min(centred, this.#drawing.width - widthOf(text))), text, bold)
    }
    return [row.toString(this.#drawing.colour)]
  }

  /** One thing that passed; times are milliseconds. */
  entry({ line, entry }: Numbered, began: number, before: number): string[] {
    const rows = this.#columns.size === 0 ? [this.#inList(entry)] : this.#inLanes(entry)
    rows[0]
      ?.put(0, String(line).padStart(this.#numberWidth), dim)
      .put(this.#numberWidth + 1, secondsText(entry.at - began).padStart(timeWidth))
      .put(this.#numberWidth + timeWidth + 2, deltaText(entry.at - before).padStart(deltaWidth), dim)
    return rows.map((row) => row.toString(this.#drawing.colour))
  }

  #inLanes(entry: LadderEntry): Row[] {
    const [from, to] = [this.#columns.get(entry.from), this.#columns.get(entry.to)]
    if (from === undefined || to === undefined) return [this.#inList(entry)]
    return from === to ? [this.#point(entry, from)] : this.#arrow(entry, from, to)
  }

  #lanesRow(): Row {
    const row = new Row(this.#drawing.width)
    for (const column of this.#columns.values()) row.put(column, this.#signs.lane, dim)
    return row
  }

  #point(entry: LadderEntry, column: number): Row {
    const style = styles[entry.kind]
    const words = this.#words(entry)
    // Over the lines of other lanes rather than cut.
    const text = this.#text(words, this.#drawing.width - column - 2)
    return this.#lanesRow()
      .put(column, this.#signs.point, style)
      .put(column + 1, ` ${text}`, style)
  }

  #arrow(entry: LadderEntry, from: number, to: number): Row[] {
    const { dash, again, right, left, cross, fromLeft } = this.#signs
    const style = styles[entry.kind]
    const [first, last] = [Math.min(from, to) + 1, Math.max(from, to) - 1]
    const arrow = this.#lanesRow()
    arrow.put(first, (entry.repeated ? again : dash).repeat(last - first + 1), style)
    for (const column of this.#columns.values()) if (column > first && column < last) arrow.put(column, cross, style)
    arrow.put(from, to > from ? this.#signs.from : fromLeft, style)
    arrow.put(to > from ? last : first, to > from ? right : left, style)
    const words = this.#text(this.#words(entry), Number.POSITIVE_INFINITY)
    // A dash on each side, the point, and a space around the words.
    const room = last - first + 1 - 5
    const middle = (text: string) => first + Math.max(0, Math.floor((last - first + 1 - widthOf(text)) / 2))
    if (widthOf(words) <= room) {
      const text = ` ${words} `
      arrow.put(middle(text), text, style)
      return [arrow]
    }
    const lines = wrap(words, last - first + 1, mostLines, this.#signs.mark)
    return [...lines.map((text) => this.#lanesRow().put(middle(text), text, style)), arrow]
  }

  #inList(entry: LadderEntry): Row {
    const name = (id: string) => this.#lanes.find((lane) => lane.id === id)?.label ?? id
    const way = entry.from === entry.to ? name(entry.from) : `${name(entry.from)} ${this.#signs.to} ${name(entry.to)}`
    const text = this.#text(`${way}: ${this.#words(entry)}`, this.#drawing.width - this.#gutter)
    return new Row(this.#drawing.width).put(this.#gutter, text, styles[entry.kind])
  }

  #words({ kind, title, repeated }: LadderEntry): string {
    // The name of a T-event says what it is.
    const words = kind === 'tevent' ? title : `${kinds[kind].word} ${title}`
    return repeated ? `${words} (again)` : words
  }

  #text(text: string, width: number): string {
    const plain = plainLine(text)
    if (!this.#drawing.ascii) return cut(plain, width)
    const ascii = plain
      .replaceAll('→', '->')
      .replaceAll('…', '...')
      .replace(/[^\x20-\x7e]/gu, '?')
    return cut(ascii, width, signs.ascii.mark)
  }
}

const timeWidth = 9
const deltaWidth = 8

const secondsText = (ms: number): string => (ms / 1_000).toFixed(4)

/** Time since the line before, in what is short. */
function deltaText(ms: number): string {
  if (ms < 1_000) return `+${ms.toFixed(1)}ms`
  return ms < 100_000 ? `+${(ms / 1_000).toFixed(2)}s` : `+${Math.round(ms / 1_000)}s`
}

/** A whole ladder, or those of its lines that were asked for. SPEC TC-1 to TC-4. */
export function drawLadder(ladder: Ladder, shown: readonly Numbered[], drawing: Drawing): string[] {
  const pen = new LadderPen(ladder.lanes, ladder.entries.length, drawing)
  const began = ladder.entries[0]?.at ?? 0
  let before = shown[0]?.entry.at ?? began
  const lines = shown.flatMap((numbered) => {
    const drawn = pen.entry(numbered, began, before)
    before = numbered.entry.at
    return drawn
  })
  return [summary(ladder, shown.length), '', ...pen.head(), ...lines, ...footOf(ladder)]
}

/** What is missing, under the drawing. */
export function footOf(ladder: Pick<Ladder, 'discarded' | 'silent'>): string[] {
  const missing = missingFrom(ladder)
  return missing.length === 0 ? [] : ['', ...missing.map(plainLine)]
}

function summary({ callUUID, entries }: Ladder, shown: number): string {
  const last = entries.at(-1)
  const seconds = last && entries[0] ? ((last.at - entries[0].at) / 1_000).toFixed(3) : '0.000'
  const nodes = [...new Set(entries.map(({ node }) => node))].sort().map(plainLine)
  const count = shown === entries.length ? `${shown} lines` : `${shown} of ${entries.length} lines`
  return `session ${callUUID}: ${count}, ${seconds} s, on ${nodes.join(', ')}`
}
