import type { SessionStore } from '@ringdown/signalling'
import { freePorts } from '../interop/support/ports.ts'
import type { Target } from './balancer.ts'
import type { Site } from './cases.ts'
import { Engine, type Node, type StoreKind } from './engine.ts'

/** Where nodes speak SIP and MSRP, and what they keep. */
export interface SipSite {
  readonly store: SessionStore
  /** Where this node speaks SIP. */
  sipOf(node: Node): Target
  /** Starts a node, at the ports it had before if it has been there. */
  start(name: string): Promise<Node>
}

const host = '127.0.0.1'

/** Numbers of the n-th pair's endpoints: a phone that knows only MESSAGE, and a client with MSRP. */
export const phoneOf = (pair: number): string => String(8001 + pair)
export const clientOf = (pair: number): string => String(9001 + pair)

/** An engine with an agent, a phone and an MSRP client for each pair. */
export async function openSipSite(store: StoreKind, nodes: 1 | 2, pairs: number): Promise<Site> {
  const ports = new Map<string, number[]>()
  const each = Array.from({ length: pairs }, (_, pair) => pair)
  const dn = (number: string, chat: string) => ({
    number,
    options: { password: `pw-${number}`, 'sip-signaling-chat': chat },
  })
  const engine = await Engine.create(store, pairs, new Map(), {
    sip: (node) => {
      const [sip = 0, msrp = 0] = ports.get(node) ?? []
      return {
        sip: { listen: (['udp', 'tcp'] as const).map((transport) => ({ transport, port: sip })) },
        msrp: { listen: [{ transport: 'tcp', port: msrp }] },
      }
    },
    dns: each.flatMap((pair) => [dn(phoneOf(pair), 'message'), dn(clientOf(pair), 'msrp')]),
  })
  const places = new Map<Node, Target>()
  const start = async (name: string) => {
    if (!ports.has(name)) ports.set(name, await freePorts(2))
    const node = await engine.startNode(name)
    places.set(node, { host, port: ports.get(name)?.[0] ?? 0 })
    return node
  }
  try {
    const first = await start('first')
    const second = nodes === 2 ? await start('second') : first
    const kept = await engine.openStore()
    const sipOf = (node: Node) => places.get(node) ?? { host, port: 0 }
    const stop = async () => {
      await kept.close()
      await engine.stop()
    }
    return { engine, first, second, sip: { store: kept, sipOf, start }, stop }
  } catch (error) {
    await engine.stop()
    throw error
  }
}
