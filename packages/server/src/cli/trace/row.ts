import { columnsOf } from './plain-text.ts'

/** SGR parameters of a terminal (ECMA-48 §8.3.117), such as `31`; empty: as it is. */
export type Style = string

interface Cell {
  /** Empty behind a character that takes two columns. */
  text: string
  style: Style
}

/** One line of a drawing: a row of cells that are written over one another. */
export class Row {
  readonly #cells: Cell[] = []
  readonly #width: number

  constructor(width: number) {
    this.#width = width
  }

  /** Writes from a column on; what does not fit is left out. */
  put(column: number, text: string, style: Style = ''): this {
    let at = column
    for (const character of text) {
      const columns = columnsOf(character)
      if (columns === 0) {
        const before = this.#cells[at - 1]
        if (before) before.text += character
        continue
      }
      if (at + columns > this.#width) break
      if (at >= 0) {
        this.#cells[at] = { text: character, style }
        if (columns === 2) this.#cells[at + 1] = { text: '', style }
      }
      at += columns
    }
    return this
  }

  toString(colour: boolean): string {
    let line = ''
    let now: Style = ''
    for (let at = 0; at < this.#cells.length; at++) {
      const { text, style } = this.#cells[at] ?? { text: ' ', style: '' }
      if (colour && style !== now) {
        line += `\u001b[0${style === '' ? '' : `;${style}`}m`
        now = style
      }
      line += text
    }
    return now === '' ? line.trimEnd() : `${line}\u001b[0m`
  }
}
