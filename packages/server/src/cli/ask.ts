import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Ask } from './io.ts'

interface Streams {
  input: NodeJS.ReadableStream & { isTTY?: boolean }
  /** Where questions are written, so that what a command prints can go elsewhere. */
  output: NodeJS.WritableStream
}

/** Questions to whoever sits at a terminal, or answers from a file or a pipe, a line each. Reads nothing before the first question. */
export function createAsk({ input, output }: Streams): Ask {
  const lines: string[] = []
  const waiting: ((line: string | undefined) => void)[] = []
  let quiet = false
  let ended = false
  let reader: Interface | undefined
  // What the terminal shows of what is typed is written by readline, and not by the terminal itself.
  const echo = new Writable({
    write: (chunk, _encoding, done) => {
      if (!quiet) output.write(chunk)
      done()
    },
  })
  const open = () => {
    reader = createInterface({ input, output: echo, terminal: input.isTTY === true })
    reader.on('line', (line) => {
      const next = waiting.shift()
      if (next) next(line)
      else lines.push(line)
    })
    // It takes Ctrl-C from the terminal as long as the command lives, and the command has to hear of it.
    reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    reader.on('close', () => {
      ended = true
      for (const next of waiting.splice(0)) next(undefined)
    })
  }
  return async (question, { hidden = false } = {}) => {
    if (!reader) open()
    output.write(question)
    quiet = hidden
    const line = lines.shift()
    const answer =
      line ?? (ended ? undefined : await new Promise<string | undefined>((resolve) => waiting.push(resolve)))
    quiet = false
    if (hidden || input.isTTY !== true) output.write('\n')
    return answer
  }
}
