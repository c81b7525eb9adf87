/** What is drawn over: standard error, where it is a terminal. */
export interface Canvas {
  columns: () => number
  write: (text: string) => void
}

const csi = '\u001b['

/** Draws the same few lines again and again. */
export class Painter {
  readonly #canvas: Canvas
  #drawn = 0

  constructor(canvas: Canvas) {
    this.#canvas = canvas
  }

  draw(lines: readonly string[]): void {
    const up = this.#drawn > 0 ? `${csi}${this.#drawn}A` : ''
    this.#canvas.write(`${up}\r${csi}J${lines.join('\n')}\n`)
    this.#drawn = lines.length
  }

  /** Takes away what was drawn. */
  clear(): void {
    if (this.#drawn > 0) this.#canvas.write(`${csi}${this.#drawn}A\r${csi}J`)
    this.#drawn = 0
  }
}
