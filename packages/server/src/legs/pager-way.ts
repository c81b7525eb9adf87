import { randomUUID } from 'node:crypto'
import type { CallEnd, CallState, LogEntry, SipAnswer, SipDestination, Text } from '@ringdown/signalling'
import { composingBody, notDeliveredBody, receiptBody, textBody, type WireBody } from './bodies.ts'
import { recordOf } from './locate.ts'
import { Naps } from './naps.ts'
import type { Delivery } from './outbox.ts'
import type { PagerQueue } from './pager-queue.ts'
import type { Located, Way, WayDeps } from './way.ts'

export interface PagerWayDeps extends WayDeps {
  readonly queue: PagerQueue
  /** The endpoint writes message/cpim itself, so it reads it too. */
  readonly cpim: () => boolean
  /** Asks the node that can reach the endpoint to take the leg over. */
  readonly handOver: (node: string) => void
  readonly onError: (error: unknown) => void
}

/** How often a MESSAGE is tried, and how long is waited at most before the next time. */
const maxTries = 4
const maxWaitSeconds = 60
/** Until the store is asked again where the endpoint is, ms. */
const locateRetryMs = 1_000
/** Answers that say nothing of the message: the way was not there at this moment. */
export const passing = new Set([408, 430, 500, 503, 504])
/** Answers that say that the endpoint is not there now. */
export const absent = new Set([404, 408, 410, 430, 480])

/** Pager mode: one MESSAGE for a text, one at a time for a target. RFC 3428. */
export class PagerWay implements Way {
  readonly window = 1
  readonly #deps: PagerWayDeps
  readonly #naps: Naps
  #over = false
  /** Where a text is under way: contacts that may take it too. */
  #onNewContacts: ((destinations: readonly SipDestination[]) => void) | undefined

  constructor(deps: PagerWayDeps) {
    this.#deps = deps
    this.#naps = new Naps(deps.clock)
  }

  get canSend(): boolean {
    return !this.#over
  }

  send(entry: LogEntry): Promise<Delivery> {
    return this.#deliver(entry)
  }

  composing(state: 'active' | 'idle', refreshSeconds?: number): void {
    this.#sendAside(composingBody(state, refreshSeconds), 'only where it need not wait')
  }

  receipt(imdnID: string, outcome: 'delivered' | 'displayed' | 'failed'): void {
    this.#sendAside(receiptBody(imdnID, outcome, this.#ends(), this.#deps.clock.now()))
  }

  notDelivered(reason: string): void {
    this.#sendAside(notDeliveredBody(reason))
  }

  wake(): void {
    if (!this.#onNewContacts) return
    void this.#deps.locate().then((located) => {
      if (located.where === 'here') this.#onNewContacts?.(located.destinations)
    }, ignored)
  }

  established(): void {}

  end(_end: CallEnd, _callState: CallState): void {
    this.abandon()
  }

  abandon(): void {
    this.#over = true
    this.#naps.end()
  }

  async #deliver({ text, position }: LogEntry): Promise<Delivery> {
    for (let attempt = 1; ; attempt++) {
      const located = await this.#located()
      // Whoever has ended it knows what was not sent.
      if (!located || this.#over) return 'later'
      if (located.where === 'elsewhere') {
        this.#deps.handOver(located.node)
        return 'later'
      }
      if (located.where === 'offline') return this.#absent(text, { status: 480, reason: 'not registered' })
      const answer = await this.#toAll(located, text, position).catch((error: unknown) => {
        this.#deps.onError(error)
        return undefined
      })
      if (!answer) return this.#failed(text, { status: 500, reason: 'the text could not be sent' })
      if (answer.status < 300) {
        this.#deps.onTaken?.(text.sent)
        // 202: taken by somebody on the way. Only the endpoint's own 200 says that it has it (RFC 3428 §7).
        if (answer.status === 200) await this.#deps.report(text.messageID, { outcome: 'delivered' })
        return 'done'
      }
      if (attempt < maxTries && passing.has(answer.status)) {
        await this.#wait(answer, attempt)
        continue
      }
      if (absent.has(answer.status)) return this.#absent(text, answer)
      return this.#failed(text, answer)
    }
  }

  /** Where the endpoint is, as soon as the store can tell; undefined when that is nobody's business any more. */
  async #located(): Promise<Located | undefined> {
    while (!this.#over) {
      try {
        return await this.#deps.locate()
      } catch (error) {
        this.#deps.onError(error)
        await this.#naps.take(locateRetryMs)
      }
    }
    return undefined
  }

  /**
   * The message to every contact of the endpoint; one that has it is enough (RFC 3428 §3: the sender sees one answer). A contact
   * that has not answered an earlier message is left out while another one is free. A contact that is registered meanwhile gets it
   * too: the old one may never answer.
   */
  async #toAll({ destinations, credentials }: Located & { where: 'here' }, text: Text, position: number) {
    const { queue } = this.#deps
    const free = destinations.filter(({ uri }) => !queue.busy(uri))
    const tried = new Set<string>()
    const answers: SipAnswer[] = []
    return new Promise<SipAnswer>((resolve, reject) => {
      const add = (to: SipDestination) => {
        tried.add(to.uri)
        void queue
          .run(to.uri, () => this.#toOne(to, text, credentials, position))
          .then((answer) => {
            answers.push(answer)
            if (answer.status < 300) resolve(answer)
            else if (answers.length === tried.size)
              resolve(answers.reduce((best, each) => (rank(each) < rank(best) ? each : best)))
          }, reject)
      }
      this.#onNewContacts = (more) => {
        for (const to of more) if (!tried.has(to.uri) && !queue.busy(to.uri)) add(to)
      }
      for (const to of free.length > 0 ? free : destinations.slice(0, 1)) add(to)
    }).finally(() => {
      this.#onNewContacts = undefined
    })
  }

  async #toOne(
    to: SipDestination,
    text: Text,
    credentials: { user: string; password: string } | undefined,
    position: number,
  ): Promise<SipAnswer> {
    const body = textBody(text, this.#deps.cpim() ? this.#ends() : undefined)
    const answer = await this.#message(to, body, credentials, position)
    // COMPAT: an endpoint that reads no CPIM after all.
    if (answer.status !== 415 || !this.#deps.cpim()) return answer
    return this.#message(to, textBody(text, undefined), credentials, position)
  }

  #message(
    to: SipDestination,
    body: WireBody,
    credentials: { user: string; password: string } | undefined,
    position: number | undefined,
  ): Promise<SipAnswer> {
    const { leg, sip, domain } = this.#deps
    return sip.request({
      method: 'MESSAGE',
      to,
      from: `<${recordOf(leg.otherDN, domain)}>`,
      toHeader: `<${leg.sip.uri}>`,
      // The same text has the same Call-ID and CSeq from whatever node: an endpoint that has it knows it again.
      ...(position !== undefined
        ? { callID: `${leg.callUUID}.${leg.dn}`, cseq: position }
        : { callID: `${leg.callUUID}.${leg.dn}.${randomUUID()}` }),
      contentType: body.contentType,
      body: body.bytes,
      ...(credentials && { credentials }),
    })
  }

  /** Best effort: a text says by itself that the writing has ended, so nothing is worth waiting behind one for that. */
  #sendAside(body: WireBody, when?: 'only where it need not wait'): void {
    const { queue } = this.#deps
    void this.#deps.locate().then((located) => {
      if (located.where !== 'here') return
      const [to] = located.destinations
      if (when && queue.busy(to.uri)) return
      queue.runAside(to.uri, () => this.#message(to, body, located.credentials, undefined))
    }, ignored)
  }

  async #absent(text: Text, answer: Pick<SipAnswer, 'status' | 'reason'>): Promise<Delivery> {
    const { leg, directory } = this.#deps
    const dn = directory().dns.get(leg.sip.trunk ?? leg.dn)
    if (dn?.options.storeAndForward && !this.#over) return 'later'
    return this.#failed(text, answer)
  }

  async #failed({ messageID }: Text, { status, reason }: Pick<SipAnswer, 'status' | 'reason'>): Promise<Delivery> {
    await this.#deps.report(messageID, { outcome: 'failed', status, reason })
    return 'done'
  }

  #wait(answer: SipAnswer, attempt: number): Promise<void> {
    const asked = Number.parseInt(answer.header('retry-after') ?? '', 10)
    const seconds = Math.min(maxWaitSeconds, asked >= 0 ? asked : 2 ** (attempt - 1))
    return this.#naps.take(seconds * 1000)
  }

  #ends() {
    const { leg, domain } = this.#deps
    return { from: recordOf(leg.otherDN, domain), to: leg.sip.uri }
  }
}

/** Where it was not located, it is not sent. */
const ignored = () => {}

/** 200 before 202 before what may pass before what will not. */
function rank({ status }: SipAnswer): number {
  if (status === 200) return 0
  if (status < 300) return 1
  return passing.has(status) ? 2 : 3
}
