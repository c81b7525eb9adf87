import { fileURLToPath } from 'node:url'
import type { GeneratorCalls } from '../protocol.ts'
import { Remote } from '../rpc.ts'
import { cores, startPinned } from '../subject/child.ts'

/** A generator process on its own core. */
export interface RunningGenerator {
  call: Remote<GeneratorCalls>['call']
  stop(): Promise<void>
}

/** A fresh generator: one per measured server, so that no garbage of one is collected during the other. */
export function startGenerator(): RunningGenerator {
  const program = fileURLToPath(new URL('./main.ts', import.meta.url))
  const child = startPinned(
    cores.generator,
    process.execPath,
    ['--max-semi-space-size=64', '--disable-warning=ExperimentalWarning', program],
    { ipc: true },
  )
  const remote = new Remote<GeneratorCalls>(child.process)
  return {
    async call(name, params) {
      try {
        return await remote.call(name, params)
      } catch (error) {
        throw new Error(`generator: ${name} failed\n${child.output()}`, { cause: error })
      }
    },
    stop: child.stop,
  }
}
