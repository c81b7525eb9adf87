import {
  type Binding,
  type Clock,
  type Directory,
  type DN,
  type DNumber,
  destinationOf,
  type Reachability,
  type Registration,
  reachable,
  type SessionStore,
  type SipLeg,
  trunkFor,
} from '@ringdown/signalling'
import type { Located } from './way.ts'

export interface LocateDeps {
  /** Names this run of this node, as bindings do. */
  node: string
  store: SessionStore
  clock: Clock
  directory: () => Directory
  /** The host part of our own addresses of record. */
  domain: string
  /** Whether a trunk, or an endpoint with a fixed address, answers (`oos-check`). */
  inService: (dn: DNumber) => boolean
  hasFlow: (flow: string) => boolean
  /** Whether a run of a node lives. */
  isAlive: (node: string) => Promise<boolean>
}

/** The address of record of one of our numbers. */
export const recordOf = (number: DNumber, domain: string): string => `sip:${encodeURIComponent(number)}@${domain}`

/** Tells the core how a called number stands with SIP. */
export function reachability(deps: LocateDeps): Reachability {
  return async (number, dn) => {
    if (!dn) {
      const out = trunkFor(deps.directory(), number, ({ number: trunk }) => deps.inService(trunk))
      return out && { reachable: true, trunk: out.dn.number, node: null, uri: trunkURI(out.dn, out.number) }
    }
    const uri = recordOf(number, deps.domain)
    if (dn.options.contact !== null) return { reachable: deps.inService(dn.number), trunk: null, node: null, uri }
    for (const { bound, node } of await bindingsOf(deps, dn.number)) {
      if (!bound) return { reachable: true, trunk: null, node: null, uri }
      // A connection is held by one run of one node, and gone with it.
      if (await deps.isAlive(node)) return { reachable: true, trunk: null, node, uri }
    }
    return { reachable: false, trunk: null, node: null, uri }
  }
}

/** Where a leg's requests go now. */
export async function locate(deps: LocateDeps, number: DNumber, sip: SipLeg): Promise<Located> {
  const dn = deps.directory().dns.get(sip.trunk ?? number)
  if (!dn) return { where: 'offline' }
  if (dn.options.contact !== null) {
    if (!deps.inService(dn.number)) return { where: 'offline' }
    const { contact, password } = dn.options
    const uri = sip.trunk === null ? contact : sip.uri
    // A trunk is asked for the number at its own address; where the URI's host is another one, the trunk is the way there.
    const to = sip.trunk === null || hostOf(uri) === hostOf(contact) ? { uri } : { uri, route: [`<${contact};lr>`] }
    return {
      where: 'here',
      destinations: [to],
      ...(sip.trunk !== null && password !== null && { credentials: { user: dn.number, password } }),
    }
  }
  const bindings = await bindingsOf(deps, number)
  const here = bindings.filter((binding) => isHere(deps, binding)).map((binding) => destinationOf(binding, deps))
  const [first, ...rest] = here
  if (first) return { where: 'here', destinations: [first, ...rest] }
  for (const { node } of bindings)
    if (node !== deps.node && (await deps.isAlive(node))) return { where: 'elsewhere', node }
  return { where: 'offline' }
}

async function bindingsOf({ store, clock }: LocateDeps, dn: DNumber): Promise<readonly Binding[]> {
  const { records } = await store.read({ records: [{ kind: 'registration', id: dn }], claims: [] })
  return reachable(records[0]?.value as Registration | undefined, clock.now())
}

function isHere({ node, hasFlow }: LocateDeps, { bound, flow, node: holder }: Binding): boolean {
  if (!bound) return true
  return holder === node && flow !== undefined && hasFlow(flow)
}

/** What a trunk is asked for: the number, at the trunk's address. */
export function trunkURI({ options: { contact } }: DN, number: string): string {
  const user = encodeURIComponent(number)
  return (contact ?? '').replace(/^(sips?:)(?:[^@]*@)?/i, (_all, scheme: string) => `${scheme}${user}@`)
}

function hostOf(uri: string): string {
  return (/^sips?:(?:[^@]*@)?([^;?]*)/i.exec(uri)?.[1] ?? '').toLowerCase()
}
