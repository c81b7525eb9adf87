/** A process that writes until it is killed: `crash-child.ts <module> <options> <run>`; a line for each commit that has resolved. */
import { writeSync } from 'node:fs'
import type { Reported } from './crash.ts'
import type { OpenForRace } from './races.ts'
import { makeCall, sampleText, sendText } from './samples.ts'

const [module = '', options = '{}', run = '0'] = process.argv.slice(2)
const { open } = (await import(module)) as { open: OpenForRace }
const store = await open(JSON.parse(options))
await store.commit(makeCall(1, 1, 2))

let next = 0
async function write(): Promise<never> {
  for (;;) {
    const id = `run${run}-${next++}`
    const outcome = await store.commit(sendText(1, 1, sampleText(id), true))
    // Written when this returns, so that nothing reported is lost with the process.
    say(`${JSON.stringify({ id, outcome } satisfies Reported)}\n`)
  }
}

/** The pipe does not block: while its reader is slow, it is full. */
function say(line: string): void {
  for (let rest = Buffer.from(line); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}
await Promise.all(Array.from({ length: 40 }, write))
