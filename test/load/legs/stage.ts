import { fileURLToPath } from 'node:url'
import { Remote } from '../rpc.ts'
import { cores, type PinnedChild, startPinned } from '../subject/child.ts'
import type { Store } from '../subject/ringdown.ts'
import { type EngineOptions, type RunningEngine, startEngine } from './engine.ts'
import { domain, type EndpointCalls, endpointOf, type Pairing } from './protocol.ts'

/** The engine, and a generator whose endpoints it knows. */
export interface Stage {
  engine: RunningEngine
  generator: PinnedChild
  calls: Remote<EndpointCalls>
  stop(): Promise<void>
}

/** Starts both and has each pair exchange a first text. `trace`: whether the engine keeps what passes; it does unless told. */
export async function enter(
  { pairing, store, ...options }: { pairing: Pairing; store: Store } & Pick<EngineOptions, 'trace' | 'settings'>,
  pairs: number,
): Promise<Stage> {
  const program = fileURLToPath(new URL('./generator.ts', import.meta.url))
  const flags = ['--max-semi-space-size=64', '--disable-warning=ExperimentalWarning']
  const generator = startPinned(cores.generator, process.execPath, [...flags, program], { ipc: true })
  const calls = new Remote<EndpointCalls>(generator.process)
  let engine: RunningEngine | undefined
  const stop = async () => {
    await generator.stop()
    await engine?.stop()
  }
  try {
    const { sip } = await calls.call('listen', null)
    const mode = pairing === 'MSRP → MSRP' ? 'msrp' : 'message'
    const endpoints = Array.from({ length: 2 * pairs }, (_, i) => {
      const number = endpointOf(i)
      return { number, options: { 'sip-signaling-chat': mode, contact: `sip:${number}@127.0.0.1:${sip}` } }
    })
    const agents = pairing === 'MESSAGE → agent' ? pairs : 0
    engine = await startEngine({ agents, endpoints, store, domain, ...options })
    const { http, sip: port, pid, storePid } = engine
    const target = { http, sip: port, serverPid: pid, ...(storePid !== undefined && { storePid }) }
    await calls.call('join', { pairing, pairs, target })
    return { engine, generator, calls, stop }
  } catch (error) {
    const said = `${engine?.output() ?? ''}\n${generator.output()}`
    await stop()
    throw new Error(`${error instanceof Error ? error.message : error}\n${said.slice(-1500)}`, { cause: error })
  }
}
