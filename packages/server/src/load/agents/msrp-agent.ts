import type { MsrpSession, RemoteEnd } from '@ringdown/msrp'
import {
  type IncomingInvite,
  type LocalMedia,
  makeAnswer,
  makeOffer,
  type RemoteMedia,
  type Reply,
  readAnswer,
  type SipDialog,
} from '@ringdown/signalling'
import type { Hears, LoadAgent } from './load-agent.ts'
import { hearText } from './message-agent.ts'
import { Recent } from './recent.ts'
import { Registration } from './registration.ts'
import { refusalIn, type SipIdentity, type SipPhones } from './sip-phones.ts'

/** Bytes of a message it takes. */
const maxSize = 65_536

interface Media {
  session: MsrpSession
  local: LocalMedia
}

/** An endpoint with INVITE and MSRP. RFC 4975. */
export class MsrpAgent implements LoadAgent {
  readonly number: string
  readonly opensWithText = false
  readonly canEnd = true
  readonly #phones: SipPhones
  readonly #who: SipIdentity
  readonly #hears: Hears
  readonly #repeated: () => void
  readonly #registration: Registration
  readonly #recent = new Recent()
  #dialog: SipDialog | undefined
  #session: MsrpSession | undefined
  #up = false
  #closed = false

  constructor(phones: SipPhones, who: SipIdentity, hears: Hears, repeated: () => void) {
    this.number = who.number
    this.#phones = phones
    this.#who = who
    this.#hears = hears
    this.#repeated = repeated
    this.#registration = new Registration(phones, who)
    phones.add(who.number, {
      // What the engine says outside a session, such as that a text did not arrive.
      onMessage: (id, contentType, body) => this.#hear(id, contentType, body),
      onInvite: (invite) => {
        this.#onInvite(invite).catch((error: Error) => hears.onFault(`MSRP: ${error.message}`))
      },
    })
  }

  get inSession(): boolean {
    return this.#up
  }

  open(): Promise<void> {
    return this.#registration.make(this.#hears.onFault)
  }

  async begin(to: string): Promise<string | undefined> {
    const { session, local } = await this.#media()
    const outcome = await this.#phones.invite(this.#who, to, makeOffer(local)).answered
    if ('refused' in outcome) {
      session.close()
      return refusalIn(outcome.refused)
    }
    const reading = readAnswer(outcome.sdp, local)
    if ('problem' in reading) return reading.problem
    this.#keep(outcome.dialog)
    await this.#start(session, reading.remote)
    return undefined
  }

  async say(_to: string, text: string, key: string): Promise<string | undefined> {
    if (!this.#session || !this.#up) return 'the MSRP session had ended'
    const body = new TextEncoder().encode(text)
    const sent = await this.#session.send({ messageID: key, contentType: 'text/plain', body })
    return sent.sent ? undefined : `MSRP ${sent.status} ${sent.comment}`
  }

  async end(): Promise<void> {
    const dialog = this.#dialog
    const session = this.#session
    this.#gone()
    await dialog?.bye()
    session?.close()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.end()
    await this.#registration.takeBack()
  }

  async #onInvite(invite: IncomingInvite): Promise<void> {
    if (this.#dialog) return invite.reject({ status: 486 })
    const { session, local } = await this.#media()
    const answer = makeAnswer(invite.offer, local)
    if ('status' in answer) return invite.reject({ status: answer.status })
    const started = this.#start(session, answer.remote)
    // The ACK may never come, and then nobody asks how the start went.
    started.catch(() => undefined)
    const { dialog } = await invite.accept(answer.sdp)
    this.#keep(dialog)
    await started
  }

  async #media(): Promise<Media> {
    const session: MsrpSession = await (await this.#phones.msrp()).open({
      transport: 'tcp',
      maxSize,
      user: {
        onMessage: async ({ messageID, contentType, body }) => {
          this.#hear(messageID, contentType, body)
          return 'accepted'
        },
        onReport: ({ messageID, status, comment }) => {
          if (status >= 300) this.#hears.onUndelivered(messageID, `MSRP ${status} ${comment}`)
        },
        onFailed: (why) => {
          if (this.#session === session && !this.#closed) this.#hears.onFault(`MSRP: ${why}`)
        },
      },
    })
    const local: LocalMedia = {
      origin: { sessionID: this.#phones.nextID(), version: 1 },
      transport: 'tcp',
      path: session.path,
      acceptTypes: ['text/plain'],
      acceptWrappedTypes: [],
      maxSize,
      reachable: true,
      cema: false,
    }
    return { session, local }
  }

  async #start(session: MsrpSession, { path, role }: RemoteMedia | RemoteEnd): Promise<void> {
    const before = this.#session
    this.#session = session
    await session.start({ path, role })
    if (before && before !== session) before.close()
    if (this.#session !== session || this.#up) return
    this.#up = true
    this.#hears.onSession()
  }

  #keep(dialog: SipDialog): void {
    this.#dialog = dialog
    dialog.user = {
      // The engine renews a session whose connection was lost. RFC 4975 §5.4.
      onOffer: (offer) => this.#renew(offer),
      onRequest: async (request) => {
        const id = `${request.callID} ${request.cseq.number}`
        if (request.method === 'MESSAGE') this.#hear(id, request.contentType ?? '', request.body)
        return { status: 200 }
      },
      onEnd: () => {
        if (this.#dialog !== dialog) return
        const session = this.#session
        this.#gone()
        session?.close()
      },
    }
  }

  async #renew(offer: Uint8Array): Promise<Uint8Array | Reply> {
    const { session, local } = await this.#media()
    const answer = makeAnswer(offer, local)
    if ('status' in answer) return { status: answer.status }
    this.#start(session, answer.remote).catch((error: Error) => this.#hears.onFault(`MSRP: ${error.message}`))
    return answer.sdp
  }

  #gone(): void {
    this.#dialog = undefined
    this.#session = undefined
    if (!this.#up) return
    this.#up = false
    this.#hears.onSession()
  }

  #hear(id: string, contentType: string, body: Uint8Array): void {
    if (this.#recent.has(id)) this.#repeated()
    else hearText(contentType, body, this.#hears)
  }
}
