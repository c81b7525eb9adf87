import { hash } from 'node:crypto'
import { contactQ, deltaSeconds, readContacts } from '../message/header-contact.ts'
import { optionTags, readRoutes } from '../message/header-values.ts'
import type { NameAddr, Reply, SipRequest } from '../message/message.ts'
import { parseUri } from '../message/uri.ts'
import type { IncomingRequest } from '../ports.ts'
import { canonicalHost } from './canonical-host.ts'
import type { ContactInput, RegisterInput, RegistrarLimits } from './registration.ts'

/** A REGISTER, read, and what its answer has to say besides the bindings. */
export interface RegisterRead {
  readonly input: RegisterInput
  /** RFC 5626 outbound is in force for a binding. */
  readonly outbound: boolean
  /** It came straight from the client, not through a proxy. */
  readonly direct: boolean
  /** The client asks for GRUUs. RFC 5627 §4.1. */
  readonly gruu: boolean
  readonly supportsPath: boolean
}

/** Option tags of SIP extensions the registrar understands. */
export const registrarOptions = ['path', 'outbound', 'gruu'] as const

const refuse = (status: number, reason?: string, headers?: Reply['headers']): { reply: Reply } => ({
  reply: { status, ...(reason !== undefined && { reason }), ...(headers && { headers }) },
})

/** Option tags a REGISTER requires and we do not know. RFC 3261 §8.2.2.3. */
export function unknownOptions(request: SipRequest): readonly string[] {
  const known: readonly string[] = registrarOptions
  return [...optionTags(request, 'require')].filter((tag) => !known.includes(tag))
}

/** Reads what RFC 3261 §10.3 looks at, with RFC 3327, 5626 and 5627. `node` names the run of this node. SPEC SR-22 to SR-31. */
export function readRegister(
  { request, source }: IncomingRequest,
  node: string,
  limits: RegistrarLimits,
): RegisterRead | { reply: Reply } {
  const routes = readRoutes(request, 'path')
  if (!routes) return refuse(400, 'Bad Path')
  const path = request.headers('path')

  const direct = request.headers('via').length === 1
  const contacts = contactsOf(request, limits)
  if (contacts !== '*' && 'reply' in contacts) return contacts
  const wanted = contacts !== '*' && contacts.some(({ regID }) => regID !== undefined) && wants(request, 'outbound')
  // RFC 5626 §6: the proxy next to the client, whose Path is the last, must keep the flow.
  if (wanted && !direct && !keepsFlow(routes.at(-1))) return refuse(439)
  if (wanted && contacts.filter(({ regID, expiresIn }) => regID !== undefined && expiresIn > 0).length > 1)
    return refuse(400, 'Several Contacts With reg-id')
  // RFC 5626 §6: without outbound a reg-id means nothing.
  const kept = wanted || contacts === '*' ? contacts : contacts.map(({ regID: _, ...contact }) => contact)

  const { flow, transport, address, port } = source
  const bound = direct && flow !== undefined && (wanted || transport === 'ws' || transport === 'wss')
  const userAgent = request.header('user-agent')?.slice(0, 64)
  return {
    input: {
      contacts: kept,
      common: {
        callID: shortCallID(request.callID),
        cseq: request.cseq.number,
        ...(path.length > 0 && { path }),
        ...(!direct && { proxied: true }),
        source: { transport, address: canonicalHost(address), port },
        node,
        ...(flow !== undefined && { flow }),
        ...(bound && { bound }),
        ...(userAgent !== undefined && { userAgent }),
      },
    },
    outbound: wanted,
    direct,
    gruu: wants(request, 'gruu'),
    supportsPath: wants(request, 'path'),
  }
}

function wants(request: SipRequest, option: string): boolean {
  return optionTags(request, 'supported').has(option) || optionTags(request, 'require').has(option)
}

function keepsFlow(hop: NameAddr | undefined): boolean {
  return hop !== undefined && parseUri(hop.uri)?.params.has('ob') === true
}

function contactsOf(request: SipRequest, limits: RegistrarLimits): RegisterInput['contacts'] | { reply: Reply } {
  const written = readContacts(request)
  const asked = request.header('expires')
  // RFC 3261 §10.3 step 6: `*` stands alone, and removes.
  if (written === 'all') return asked?.trim() === '0' ? '*' : refuse(400, 'Contact * Without Expires 0')
  if (written === 'malformed') return refuse(400, 'Bad Contact')

  const contacts: ContactInput[] = []
  for (const address of written) {
    const contact = readContact(address, asked, limits)
    if (contact === 'malformed') return refuse(400, 'Bad Contact')
    if (contact === 'too brief') return refuse(423, undefined, [['Min-Expires', String(limits.minExpires)]])
    contacts.push(contact)
  }
  return contacts
}

function readContact(
  address: NameAddr,
  asked: string | undefined,
  limits: RegistrarLimits,
): ContactInput | 'malformed' | 'too brief' {
  const { params } = address
  const uri = parseUri(address.uri)
  const q = contactQ(address)
  const regID = deltaSeconds(params.get('reg-id') ?? '')
  if (!uri || (uri.scheme !== 'sip' && uri.scheme !== 'sips') || uri.headers.size > 0) return 'malformed'
  if (q === undefined || (params.has('reg-id') && !regID)) return 'malformed'
  const expiresIn = readExpires(params.get('expires') ?? asked, limits)
  if (expiresIn === 'too brief') return expiresIn
  const instance = /^<?([^<>"\s]{1,128})>?$/.exec(params.get('+sip.instance') ?? '')?.[1]
  return {
    contact: address.uri,
    expiresIn,
    ...(params.has('q') && { q: Math.round(q * 1000) }),
    ...(instance !== undefined && { instance }),
    // RFC 5626 §6: without an instance it means nothing.
    ...(regID !== undefined && instance !== undefined && { regID }),
    ...readMethods(params.get('methods')),
  }
}

/** RFC 3261 §10.3 step 7; §20.10: what is malformed counts as an hour. */
function readExpires(text: string | undefined | null, limits: RegistrarLimits): number | 'too brief' {
  const { minExpires, maxExpires, defaultExpires } = limits
  const asked = text == null ? defaultExpires : (deltaSeconds(text.trim()) ?? 3600)
  if (asked > 0 && asked < minExpires && asked < 3600) return 'too brief'
  return Math.min(asked, maxExpires)
}

/** RFC 3840 §9: a quoted comma list. */
function readMethods(text: string | undefined | null): { methods?: readonly string[] } {
  const methods = (text ?? '').split(',').flatMap((part) => (/^\s*[A-Za-z]{1,16}\s*$/.test(part) ? [part.trim()] : []))
  return methods.length > 0 ? { methods: methods.slice(0, 20).map((method) => method.toUpperCase()) } : {}
}

/** Only its equality counts, so a long one is kept as its digest. */
function shortCallID(callID: string): string {
  return callID.length <= 48 ? callID : `#${hash('sha256', callID, 'base64url')}`
}
