import type { Directory } from '../../tserver/directory.ts'
import type { DN } from '../../tserver/dn.ts'
import type { DNumber } from '../../tserver/ids.ts'
import type { DigestAuthenticator } from '../digest/authenticator.ts'
import type { Reply, SipRequest } from '../message/message.ts'
import { parseUri } from '../message/uri.ts'
import type { IncomingRequest } from '../ports.ts'
import type { Registrar } from '../registrar/registrar.ts'
import { isFrom } from '../registrar/registration.ts'
import { storeReply } from './store-reply.ts'
import { callingNumber, type Peers } from './trunk.ts'

/** Who sends a request, beyond doubt. */
export type Identity =
  | { readonly kind: 'dn'; readonly dn: DNumber }
  /** Somebody behind a trunk; `number` is what the trunk says. */
  | { readonly kind: 'trunk'; readonly dn: DNumber; readonly number: string }

export type Authenticated = { readonly identity: Identity } | { readonly reply: Reply }

export interface AuthenticateDeps {
  readonly directory: () => Directory
  readonly digest: DigestAuthenticator
  readonly peers: Peers
  readonly registrar: Registrar
  /** As the registrar has it. */
  readonly node: string
  /** Whether a URI's host means us. */
  readonly isLocal: (host: string) => boolean
}

const forbidden = { reply: { status: 403 } } as const

/**
 * Who sends a request outside dialogs, or the answer that asks for proof or refuses. ACK and CANCEL cannot be challenged and do not come
 * here; what is inside a dialog is the dialog's business. SPEC SR-10 to SR-14.
 */
export const authenticate =
  (deps: AuthenticateDeps) =>
  async (incoming: IncomingRequest): Promise<Authenticated> => {
    try {
      return notOurs(incoming.request, deps.isLocal) ?? (await identify(deps, incoming))
    } catch (error) {
      return { reply: storeReply(error) }
    }
  }

/** What is for somebody else: nothing is relayed. SPEC SR-10. */
export function notOurs({ uri }: SipRequest, isLocal: (host: string) => boolean): { reply: Reply } | undefined {
  const parsed = parseUri(uri)
  if (!parsed || !['sip', 'sips', 'im'].includes(parsed.scheme)) return { reply: { status: 416 } } // RFC 3261 §8.2.2.1
  return isLocal(parsed.host) ? undefined : forbidden
}

/** The table of SPEC SR-11, row by row. */
async function identify(deps: AuthenticateDeps, incoming: IncomingRequest): Promise<Authenticated> {
  const { directory, digest, peers, isLocal } = deps
  const { request, source } = incoming
  const { dns } = directory()
  const from = parseUri(request.from.uri)
  const user = from?.user !== undefined && isLocal(from.host) ? from.user : undefined
  const dn = user === undefined ? undefined : dns.get(user as DNumber)

  const trunk = request.method === 'REGISTER' || dn ? undefined : peers.trunkAt(source)
  if (trunk) return { identity: { kind: 'trunk', dn: trunk.number, number: callingNumber(request) } }
  if (user === undefined) return forbidden
  if (dn && (await isKnownFrom(deps, dn, incoming))) return { identity: { kind: 'dn', dn: dn.number } }

  const proof = await digest.verify(incoming, (name) => dns.get(name as DNumber)?.options.password ?? undefined)
  if ('reply' in proof) return proof
  return proof.user === user ? { identity: { kind: 'dn', dn: proof.user as DNumber } } : forbidden
}

/** Whether the request needs no credential because of where it comes from: SPEC SR-11 to SR-13. */
async function isKnownFrom(
  { peers, registrar, node }: AuthenticateDeps,
  dn: DN,
  { request, source }: IncomingRequest,
): Promise<boolean> {
  const { password, authenticateRequests: listed } = dn.options
  if (password === null) return peers.isAt(dn, source)
  if (listed.length === 0 || listed.includes(request.method) || request.method === 'REGISTER') return false
  if (peers.isAt(dn, source)) return true
  if (request.headers('via').length > 1) return false
  return (await registrar.bindings(dn.number)).some((binding) => isFrom(binding, source, node))
}
