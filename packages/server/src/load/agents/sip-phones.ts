import { randomBytes } from 'node:crypto'
import { createMsrpStack, type MsrpStack } from '@ringdown/msrp'
import {
  createSipStack,
  createTransports,
  type IncomingInvite,
  type IncomingRequest,
  parseUri,
  type Reply,
  type SipAnswer,
  type SipStack,
} from '@ringdown/signalling'
import { systemClock } from '../../clock.ts'
import { hostOf } from '../http-pool.ts'
import { localAddressTo } from './local-address.ts'

/** Where the engine speaks SIP, and how it is spoken to. */
export interface SipTarget {
  host: string
  port: number
  transport: 'udp' | 'tcp'
  /** Host of its SIP URIs. */
  domain: string
}

/** One number's side of the stack. */
export interface SipNumber {
  onMessage(id: string, contentType: string, body: Uint8Array): void
  onInvite(invite: IncomingInvite): void
}

/** Who one is towards the engine. */
export interface SipIdentity {
  number: string
  password: string
}

/** All phones of a process: one SIP stack and one MSRP stack, many numbers. */
export class SipPhones {
  readonly #target: SipTarget
  readonly #numbers = new Map<string, SipNumber>()
  #sip!: SipStack
  #msrp: MsrpStack | undefined
  #local = ''
  #ids = 0

  private constructor(target: SipTarget) {
    this.#target = target
  }

  /** Rejects where there is no way to the target, or no port. */
  static async open(target: SipTarget, onError: (why: string) => void): Promise<SipPhones> {
    const phones = new SipPhones(target)
    phones.#local = await localAddressTo(target.host, target.port)
    const listen = [{ transport: target.transport, address: phones.#local, port: 0 }]
    phones.#sip = await createSipStack({
      transports: (user) => createTransports({ listen, user, clock: systemClock }),
      clock: systemClock,
      random: Math.random,
      tokens: (bits) => randomBytes(Math.ceil(bits / 8)).toString('hex'),
      onError: (error) => onError(error instanceof Error ? error.message : String(error)),
      user: {
        onRequest: async (incoming) => phones.#onRequest(incoming),
        onInvite: (invite) => phones.#onInvite(invite),
        onFlowClosed: () => undefined,
      },
      userAgent: 'ringdown-load',
    })
    return phones
  }

  /** Where the engine is. */
  get at(): string {
    return `${this.#target.transport} ${hostOf(this.#target)}`
  }

  add(number: string, is: SipNumber): void {
    this.#numbers.set(number, is)
  }

  /** Opened with the first phone that needs it. */
  async msrp(): Promise<MsrpStack> {
    this.#msrp ??= await createMsrpStack({
      listen: [{ transport: 'tcp', address: this.#local, port: 0 }],
      clock: systemClock,
    })
    return this.#msrp
  }

  /** A new id for SDP. */
  nextID(): string {
    return String(++this.#ids)
  }

  /** Binds the number to this process for so many seconds, or with 0 takes the binding back. Rejects with a clause. */
  async register(who: SipIdentity, callID: string, cseq: number, seconds: number): Promise<void> {
    const { domain } = this.#target
    const answer = await this.#sip.request({
      ...this.#between(who, ''),
      method: 'REGISTER',
      to: { uri: `sip:${domain}`, route: this.#route },
      toHeader: `<sip:${who.number}@${domain}>`,
      callID,
      cseq,
      headers: [this.#contact(who.number), ['Expires', String(seconds)]],
    })
    const refusal = refusalIn(answer)
    if (refusal !== undefined) throw new Error(`REGISTER at ${hostOf(this.#target)}: ${refusal}`)
  }

  async message(who: SipIdentity, to: string, text: string): Promise<string | undefined> {
    const contentType = 'text/plain;charset=UTF-8'
    return refusalIn(
      await this.#sip.request({
        ...this.#between(who, to),
        method: 'MESSAGE',
        contentType,
        body: new TextEncoder().encode(text),
      }),
    )
  }

  invite(who: SipIdentity, to: string, offer: Uint8Array) {
    const headers = [this.#contact(who.number)] as const
    return this.#sip.invite({ ...this.#between(who, to), headers, contentType: 'application/sdp', body: offer })
  }

  async close(): Promise<void> {
    await this.#sip.close()
    await this.#msrp?.close()
  }

  get #route(): readonly string[] {
    const { transport } = this.#target
    return [`<sip:${hostOf(this.#target)};lr${transport === 'tcp' ? ';transport=tcp' : ''}>`]
  }

  #contact(number: string): readonly [string, string] {
    const { transport } = this.#target
    const at = hostOf({ host: this.#local, port: this.#sip.listening[0]?.port ?? 0 })
    return ['Contact', `<sip:${number}@${at}${transport === 'tcp' ? ';transport=tcp' : ''}>`]
  }

  #between({ number, password }: SipIdentity, to: string) {
    const { domain } = this.#target
    return {
      to: { uri: `sip:${to}@${domain}`, route: this.#route },
      from: `<sip:${number}@${domain}>`,
      credentials: { user: number, password },
    }
  }

  #onRequest({ request }: IncomingRequest): Reply {
    if (request.method === 'OPTIONS') return { status: 200 }
    if (request.method !== 'MESSAGE') return { status: 405 }
    const number = this.#numbers.get(parseUri(request.uri)?.user ?? '')
    if (!number) return { status: 404 }
    number.onMessage(`${request.callID} ${request.cseq.number}`, request.contentType ?? '', request.body)
    return { status: 200 }
  }

  #onInvite(invite: IncomingInvite): void {
    const number = this.#numbers.get(parseUri(invite.request.uri)?.user ?? '')
    if (number) number.onInvite(invite)
    else invite.reject({ status: 404 })
  }
}

/** Why an answer is no success, in a few words; undefined where it is one. */
export function refusalIn({ status, reason, received }: SipAnswer): string | undefined {
  if (status >= 200 && status < 300) return undefined
  return received ? `SIP ${status} ${reason}` : 'no answer to SIP'
}
