#!/usr/bin/env node
import { text } from 'node:stream/consumers'
import { createAsk } from './cli/ask.ts'
import type { Io } from './cli/io.ts'
import { run } from './cli/run.ts'

const { stdin, stdout, stderr, env } = process
const colour = (env.NO_COLOR ?? '') === '' && stdout.isTTY && stdout.hasColors()

const io: Io = {
  env,
  out: (line: string) => console.log(line),
  err: (line: string) => console.error(line),
  write: (chunk) => new Promise((resolve) => (stdout.write(chunk) ? resolve() : stdout.once('drain', resolve))),
  stdin: () => text(stdin),
  onSignal: (signal, handle) => {
    process.on(signal, handle)
  },
  ...(stdout.isTTY && { terminal: { columns: stdout.columns, colour } }),
  ...(stderr.isTTY && {
    canvas: { columns: () => stderr.columns || 80, write: (words: string) => void stderr.write(words) },
  }),
  ask: createAsk({ input: stdin, output: stderr }),
}

// `ringdown sessions | head -1` closes the pipe while we write.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

run(process.argv.slice(2), io).then(
  // What still holds the event loop, such as a connection to a store that hangs, must not outlive the command.
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
