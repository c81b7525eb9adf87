import { setTimeout as sleep } from 'node:timers/promises'
import { type Batch, Failed, Refused, readAccepted, readBatch, readResponses, refusal, strictly } from './answers.ts'
import { HttpClient, type HttpReply, type HttpRequest, header, NoAnswer } from './http.ts'
import type { SeenError, SeenEvent } from './seen-event.ts'
import { type Element, find, Malformed, need, needNumber, only, xmlText } from './strict-xml.ts'
import { type ClientStyle, thirdParty } from './style.ts'

export type { Batch, SeenError, SeenEvent }
export { Failed, Malformed, NoAnswer, Refused }

/** Who a client is, and how it behaves. */
export interface ClientOptions {
  /** `http://host:port`. */
  address: string
  user: string
  password: string
  style?: ClientStyle
  /** What its waits between polls are multiplied by. */
  pace?: number
  /** How long it waits for an answer, milliseconds. */
  timeoutMs?: number
  /** Whether `seen` keeps the events; on unless it is said. */
  keep?: boolean
}

/** A request may be sent again under its `rid` when its answer was lost. */
export interface Again {
  rid?: string
}

/** What a client that polls by itself is told. */
export interface Listener {
  onEvent?(event: SeenEvent): void
  /** A poll failed in a way that another one may mend. */
  onTrouble?(error: NoAnswer | Refused): void
  /** The session or the ticket is gone, or the server broke the rules (`Malformed`): polling has ended. */
  onEnd?(error: Refused | Malformed): void
}

const logonPath = '/forms/logon.html'
const commandPath = '/cwa/MainCommandHandler.ashx'
const dataPath = '/cwa/AsyncDataChannel.ashx'
const namespace = 'http://schemas.microsoft.com/2006/09/rtc/cwa'

/** How many events are remembered to compare them with their repetitions. */
const remembered = 500

/**
 * A client of the UC AJAX API: writes as the third-party clients do and reads without mercy. Requests that are refused at once
 * reject with `Refused`, those without an answer with `NoAnswer`, and whatever such clients could not have read with `Malformed`.
 */
export class UcAjaxClient {
  readonly style: ClientStyle
  readonly user: string
  /** All events so far, in order, each once. */
  readonly seen: SeenEvent[] = []
  uri = ''
  signInData = ''
  sid = 0
  /** Up to which event everything has arrived. */
  ackId = 0
  ticket: string | undefined
  readonly #http: HttpClient
  readonly #options: ClientOptions
  #lastRid = 0
  #lastConfId = 0
  readonly #outcomes = new Map<string, 'succeeded' | SeenError>()
  readonly #written = new Map<number, string>()
  #polling: { stop: AbortController; ended: Promise<void> } | undefined

  constructor(options: ClientOptions) {
    this.#options = options
    this.style = options.style ?? thirdParty
    this.user = options.user
    this.#http = new HttpClient(options.address)
  }

  /** Logs on and opens a session. */
  static async signIn(options: ClientOptions): Promise<UcAjaxClient> {
    const client = new UcAjaxClient(options)
    try {
      await client.logOn()
      await client.openSession()
      return client
    } catch (error) {
      client.#http.close()
      throw error
    }
  }

  /** Gets a ticket. A wrong password is answered without one: uc-ajax-api §1.9. */
  async logOn(): Promise<void> {
    const { user, password } = this.#options
    const logon = `<logon><user>${xmlText(user)}</user><password>${xmlText(password)}</password></logon>`
    const { declaration, contentType } = this.style
    const body = `${declaration ? '<?xml version="1.0"?>' : ''}<cwaRequests>${logon}</cwaRequests>`
    const reply = await this.#send({ method: 'POST', path: logonPath, body, headers: { 'Content-Type': contentType } })
    const answer = readResponses(reply).children[0]
    if (answer?.name === 'requestFailed' || answer?.name === 'requestInvalid') throw refusal(answer, reply)
    const ticket = header(reply, 'CWA-Ticket')
    if (ticket === undefined) throw new Malformed('logged on without CWA-Ticket', reply.body)
    const succeeded = strictly(reply.body, () => only(readResponses(reply), 'requestSucceeded'))
    this.ticket = ticket
    this.uri = find(succeeded, 'uri')?.text ?? ''
    this.signInData = strictly(reply.body, () => only(succeeded, 'signInData').text)
  }

  /** Opens a session with the ticket there is; its events begin anew. */
  async openSession({ rid = this.nextRid() }: Again = {}): Promise<number> {
    const { firstSid, numbersConversations } = this.style
    const more = numbersConversations ? '' : '<userStateAvailability>3500</userStateAvailability>'
    const data = `<signInData>${xmlText(this.signInData)}</signInData>`
    const open = `<initiateSession rid="${xmlText(rid)}"><securityMode>private</securityMode>${more}${data}</initiateSession>`
    const reply = await this.raw(this.#envelope(open, firstSid))
    const answer = readAccepted(reply, rid)
    this.sid = strictly(reply.body, () => Number(only(answer, 'sid').text))
    if (!Number.isSafeInteger(this.sid) || this.sid < 1) throw new Malformed('no sid', reply.body)
    this.ackId = 0
    this.#lastConfId = 0
    this.#outcomes.clear()
    this.#written.clear()
    return this.sid
  }

  /** A number that no request of this client has had. */
  nextRid(): string {
    this.#lastRid += 1
    return String(this.#lastRid)
  }

  /** A number for the next conversation, as a client makes it that numbers them itself; else 0. */
  nextConfId(): number {
    if (!this.style.numbersConversations) return 0
    this.#lastConfId += 1
    return this.#lastConfId
  }

  /** Begins a conversation. A lost answer is asked for again with the same `rid` and `confId`. */
  async initiate(
    to: string | readonly string[],
    text: string,
    more: Again & { subject?: string; format?: string; confId?: number } = {},
  ): Promise<{ rid: string; confId: number }> {
    const { rid = this.nextRid(), confId = this.nextConfId(), subject } = more
    const uris = [to].flat().map((uri) => `<uri>${xmlText(uri)}</uri>`)
    const parts = [`<uris>${uris.join('')}</uris>`, `<message>${message(text, more.format ?? 'text/plain')}</message>`]
    if (subject !== undefined) parts.push(`<subject>${xmlText(subject)}</subject>`)
    const initiate = `<initiateImSession>${parts.join('')}</initiateImSession>`
    const reply = await this.#conference(confId, rid, initiate)
    const answer = readAccepted(reply, rid)
    const accepted = strictly(reply.body, () => only(answer, 'initiateImSessionAccepted'))
    if (accepted.attributes.rid !== rid) throw new Malformed('accepted under another rid', reply.body)
    const given = strictly(reply.body, () => needNumber(accepted, 'confId'))
    if (confId !== 0 && given !== confId) throw new Malformed(`conversation ${confId} became ${given}`, reply.body)
    return { rid, confId: given }
  }

  accept(confId: number, again: Again = {}): Promise<string> {
    return this.#ask(confId, '<acceptImSession/>', again)
  }

  /** Leaves a conversation; declines one that is offered, cancels one that is not answered yet. */
  terminate(confId: number, again: Again = {}): Promise<string> {
    return this.#ask(confId, '<terminateImSession/>', again)
  }

  send(confId: number, text: string, more: Again & { format?: string } = {}): Promise<string> {
    return this.#ask(confId, `<sendMessage>${message(text, more.format)}</sendMessage>`, more)
  }

  composing(confId: number, composing = true, again: Again = {}): Promise<string> {
    return this.#ask(confId, `<notifyComposing>${composing ? 'composing' : 'idle'}</notifyComposing>`, again)
  }

  /** Ends the session, not the log-on. */
  async signOut({ rid = this.nextRid() }: Again = {}): Promise<void> {
    readAccepted(await this.raw(this.#envelope(`<terminateSession rid="${xmlText(rid)}"/>`, String(this.sid))), rid)
  }

  /** One poll. Asked with an earlier `ackId`, it brings the events behind that once more and must bring the same ones. */
  async poll({ active = true, ackId = this.ackId } = {}): Promise<Batch> {
    const asked = { sid: this.sid, ackId }
    const path = `${dataPath}?${this.style.query(this.sid, ackId, active)}`
    const { elements, ...batch } = readBatch(await this.#send({ method: 'GET', path, headers: this.#headers() }), asked)
    if (asked.sid !== this.sid) return batch // a new session was opened meanwhile
    this.#compare(elements)
    const fresh = batch.events.filter(({ eid }) => eid > this.ackId)
    this.ackId = Math.max(this.ackId, batch.ackId)
    for (const event of fresh) {
      if (event.event === 'requestSucceeded') this.#outcomes.set(event.rid, 'succeeded')
      if (event.event === 'requestFailed') this.#outcomes.set(event.rid, event.error)
      if ('confId' in event) this.#lastConfId = Math.max(this.#lastConfId, event.confId)
    }
    if (this.#options.keep !== false) this.seen.push(...fresh)
    return batch
  }

  /** Polls by itself until it is stopped or the session is over. */
  start(listener: Listener = {}): void {
    if (this.#polling) throw new Error('the client polls already')
    const stop = new AbortController()
    this.#polling = { stop, ended: this.#keepPolling(listener, stop.signal) }
  }

  /** Ends the polling; resolves when no poll is under way any more. */
  async stop(): Promise<void> {
    this.#polling?.stop.abort()
    await this.#polling?.ended
    this.#polling = undefined
  }

  /** What became of a request that was accepted; polls where nobody else does. Rejects with `Failed`. */
  async outcome(rid: string, withinMs = 5_000): Promise<void> {
    await this.#until(() => this.#outcomes.has(rid), withinMs, `no outcome of request ${rid}`)
    const outcome = this.#outcomes.get(rid)
    if (outcome !== undefined && outcome !== 'succeeded') throw new Failed(rid, outcome)
  }

  /** The first event so far, or to come, that is as wanted; polls where nobody else does. */
  async sees<E extends SeenEvent>(wanted: (event: SeenEvent) => event is E, withinMs?: number): Promise<E>
  async sees(wanted: (event: SeenEvent) => boolean, withinMs?: number): Promise<SeenEvent>
  async sees(wanted: (event: SeenEvent) => boolean, withinMs = 5_000): Promise<SeenEvent> {
    await this.#until(() => this.seen.some(wanted), withinMs, 'no such event')
    return this.seen.find(wanted) as SeenEvent
  }

  /** Gives up its connections without a word. */
  async close(): Promise<void> {
    await this.stop()
    this.#http.close()
  }

  /** Any body on the command channel; the answer as it came. */
  async raw(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<HttpReply> {
    const all = { ...this.#headers(), 'Content-Type': this.style.contentType, ...headers }
    return this.#send({ method: 'POST', path: commandPath, headers: all, body })
  }

  async #ask(confId: number, inner: string, { rid = this.nextRid() }: Again): Promise<string> {
    readAccepted(await this.#conference(confId, rid, inner), rid)
    return rid
  }

  #conference(confId: number, rid: string, inner: string): Promise<HttpReply> {
    const conference = `<conference confId="${confId}" rid="${xmlText(rid)}">${inner}</conference>`
    return this.raw(this.#envelope(conference, String(this.sid)))
  }

  #envelope(inner: string, sid: string | undefined): string {
    const { declaration, namespace: spaced } = this.style
    const attributes = `${sid === undefined ? '' : ` sid="${sid}"`}${spaced ? ` xmlns="${namespace}"` : ''}`
    return `${declaration ? '<?xml version="1.0"?>' : ''}<cwaRequests${attributes}>${inner}</cwaRequests>`
  }

  #headers(): Record<string, string> {
    const { accept } = this.style
    return { ...(accept && { Accept: accept }), ...(this.ticket !== undefined && { 'CWA-Ticket': this.ticket }) }
  }

  async #send(request: HttpRequest): Promise<HttpReply> {
    const withTicket = request.headers?.['CWA-Ticket'] !== undefined
    const reply = await this.#http.send({ timeoutMs: this.#options.timeoutMs ?? 10_000, ...request })
    const ticket = header(reply, 'CWA-Ticket')
    if (ticket === undefined && withTicket && reply.status !== 401 && reply.status < 500 && reply.status !== 429)
      throw new Malformed(`HTTP ${reply.status} without CWA-Ticket`, reply.body)
    if (ticket !== undefined && this.style.renewsTicket) this.ticket = ticket
    return reply
  }

  // The same number, the same event: uc-ajax-api §1.5.
  #compare(elements: readonly Element[]): void {
    for (const element of elements) {
      const eid = Number(need(element, 'eid'))
      const [now, before] = [JSON.stringify(element), this.#written.get(eid)]
      if (before !== undefined && before !== now) throw new Malformed(`event ${eid} was ${before}`, now)
      this.#written.set(eid, now)
      this.#written.delete(eid - remembered)
    }
  }

  async #keepPolling(listener: Listener, stop: AbortSignal): Promise<void> {
    const { pollMs, firstPollMs } = this.style
    const pace = this.#options.pace ?? 1
    for (let wait = firstPollMs; !stop.aborted; ) {
      await sleep(wait * pace, undefined, { signal: stop }).catch(() => undefined)
      if (stop.aborted) return
      try {
        const before = this.ackId
        const batch = await this.poll()
        wait = pollMs === 'asTold' ? batch.pollWaitTime : pollMs
        for (const event of batch.events) if (event.eid > before) listener.onEvent?.(event)
      } catch (error) {
        if (!mayPass(error)) {
          if (error instanceof Refused || error instanceof Malformed) return listener.onEnd?.(error)
          throw error
        }
        listener.onTrouble?.(error)
      }
    }
  }

  async #until(isSo: () => boolean, ms: number, otherwise: string): Promise<void> {
    for (const end = performance.now() + ms; !isSo(); await sleep(10)) {
      if (performance.now() > end) throw new Error(`${otherwise}, after ${ms} ms`)
      if (!this.#polling) await this.poll()
    }
  }
}

function message(text: string, format: string | undefined): string {
  return `${format === undefined ? '' : `<format>${xmlText(format)}</format>`}<content>${xmlText(text)}</content>`
}

/** Whether a later poll may fare better. */
function mayPass(error: unknown): error is NoAnswer | Refused {
  return error instanceof NoAnswer || (error instanceof Refused && (error.status >= 500 || error.status === 429))
}
