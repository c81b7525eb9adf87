#!/usr/bin/env node
import { text } from 'node:stream/consumers'
import { run } from './cli/run.ts'

const io = {
  env: process.env,
  out: (line: string) => console.log(line),
  err: (line: string) => console.error(line),
  stdin: () => text(process.stdin),
  onSignal: (signal: NodeJS.Signals, handle: () => void) => {
    process.on(signal, handle)
  },
}

// `ringdown sessions | head -1` closes the pipe while we write.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
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
