import type { Directory } from '../../tserver/directory.ts'
import type { DNumber } from '../../tserver/ids.ts'
import type { Clock } from '../../tserver/ports.ts'
import type { Binding } from '../../tserver/registration.ts'
import type { SharedKey } from '../digest/shared-key.ts'
import { printDate } from '../message/header-values.ts'
import type { HeaderLine, Reply } from '../message/message.ts'
import { parseUri } from '../message/uri.ts'
import type { IncomingRequest } from '../ports.ts'
import { publicGruu, temporaryGruu } from '../registrar/gruu.ts'
import { type RegisterRead, readRegister, registrarOptions, unknownOptions } from '../registrar/read-register.ts'
import type { Registered, Registrar } from '../registrar/registrar.ts'
import type { RegistrarLimits } from '../registrar/registration.ts'
import type { Identity } from './authenticate.ts'
import { storeReply } from './store-reply.ts'

export interface RegisterDeps {
  readonly directory: () => Directory
  readonly registrar: Registrar
  /** Seals temporary GRUUs. */
  readonly key: SharedKey
  readonly clock: Clock
  /** As the registrar has it. */
  readonly node: string
  readonly limits: RegistrarLimits
}

type Refused = Extract<Registered, { refused: string }>['refused']
const refusals: Record<Refused, Reply> = {
  // RFC 3261 §10.3 step 7 lets the request fail without a number; out of order is 500 elsewhere (§12.2.2).
  late: { status: 500, reason: 'CSeq Out Of Order' },
  twice: { status: 400, reason: 'Contact Named Twice' },
  tooLong: { status: 400, reason: 'Contact Too Long' },
  tooMany: { status: 403, reason: 'Too Many Contacts' },
  conflict: { status: 500, headers: [['Retry-After', '1']] },
}

/** A REGISTER of somebody who is known by now. RFC 3261 §10.3. SPEC SR-20 to SR-33. */
export const onRegister =
  ({ directory, registrar, key, clock, node, limits }: RegisterDeps) =>
  async (incoming: IncomingRequest, identity: Identity): Promise<Reply> => {
    const { request } = incoming
    const unknown = unknownOptions(request)
    if (unknown.length > 0) return { status: 420, headers: [['Unsupported', unknown.join(', ')]] } // step 2
    const aor = parseUri(request.to.uri)
    if (identity.kind !== 'dn' || aor?.user !== identity.dn) return { status: 403 } // step 4: for oneself only
    const dn = directory().dns.get(identity.dn)
    if (!dn) return { status: 404 } // step 5
    if (dn.options.contact !== null) return { status: 403, reason: 'Contact Is Configured' }
    const read = readRegister(incoming, node, limits)
    if ('reply' in read) return read.reply
    try {
      const outcome = await registrar.register(dn.number, read.input)
      if ('refused' in outcome) return refusals[outcome.refused]
      const now = clock.now()
      const gruus = read.gruu ? gruusOf(dn.number, aor.host, await key.current()) : () => ''
      const contacts = outcome.registration.bindings.map(
        (binding): HeaderLine => ['Contact', printContact(binding, now) + gruus(binding)],
      )
      return { status: 200, headers: [...contacts, ...others(read, limits), ['Date', printDate(now)]] }
    } catch (error) {
      return storeReply(error)
    }
  }

function printContact({ contact, expires, q, instance, regID }: Binding, now: number): string {
  const named = instance === undefined ? '' : `;+sip.instance="<${instance}>"`
  const numbered = regID === undefined ? '' : `;reg-id=${regID}`
  return `<${contact}>;expires=${Math.ceil((expires - now) / 1000)}${q === undefined ? '' : `;q=${q / 1000}`}${named}${numbered}`
}

/** RFC 5627 §5.2: each binding of an instance has its two. */
function gruusOf(dn: DNumber, domain: string, key: Uint8Array) {
  return (binding: Binding): string => {
    const { instance } = binding
    if (instance === undefined) return ''
    const temporary = temporaryGruu(key, dn, domain, binding)
    return `;pub-gruu="${publicGruu(dn, domain, instance)}";temp-gruu="${temporary}"`
  }
}

function others({ input, supportsPath, outbound, direct }: RegisterRead, { flowTimer }: RegistrarLimits): HeaderLine[] {
  // RFC 3327 §5.3: only to a client that knows what it is.
  const path = supportsPath ? (input.common.path ?? []).map((hop): HeaderLine => ['Path', hop]) : []
  const headers: HeaderLine[] = [...path, ['Supported', registrarOptions.join(', ')]]
  if (outbound) headers.push(['Require', 'outbound']) // RFC 5626 §6
  if (outbound && direct) headers.push(['Flow-Timer', String(flowTimer)])
  return headers
}
