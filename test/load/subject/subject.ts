import type { ProbeCalls, Target } from '../protocol.ts'
import { Remote } from '../rpc.ts'
import { cores, type PinnedChild, startPinned } from './child.ts'

/** Every server under test, ours and the peers, is started with the same flags. */
const nodeFlags = [
  '--max-semi-space-size=64',
  '--expose-gc',
  '--disable-warning=ExperimentalWarning',
  `--import=${new URL('../probe.ts', import.meta.url).href}`,
]

/** A running server under test. */
export interface RunningSubject {
  target: Target
  /** Inside each of its processes. */
  probes: Remote<ProbeCalls>[]
  /** The last it printed. */
  output: () => string
  stop(): Promise<void>
}

/** Starts a Node program on a core (the server's, if none is named), with the probe inside. */
export function startNode(
  program: string,
  args: readonly string[],
  cwd?: string,
  core: number = cores.server,
): PinnedChild & { probe: Remote<ProbeCalls> } {
  const child = startPinned(core, process.execPath, [...nodeFlags, program, ...args], {
    ipc: true,
    ...(cwd === undefined ? {} : { cwd }),
  })
  return { ...child, probe: new Remote<ProbeCalls>(child.process) }
}
