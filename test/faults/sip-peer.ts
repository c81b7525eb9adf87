import { setTimeout as sleep } from 'node:timers/promises'
import { cpimType, imdnHeaders, parseCpim, parseImdn, printCpim } from '@ringdown/msrp'
import { Endpoint, type Heard } from '../scenario/endpoint.ts'
import { idOf } from './agent.ts'
import type { Target } from './balancer.ts'
import { until } from './engine.ts'
import { FaultProxy } from './fault-proxy.ts'
import type { EndJournal, Outcome } from './history.ts'
import { between, randomFrom } from './random.ts'
import { UdpProxy } from './udp-proxy.ts'

export interface SipPeerPlan {
  seed: number
  number: string
  msrp: boolean
  /** Where the engine speaks SIP, asked for each datagram. */
  target: () => Target
  /** Whether it leaves it to the engine to renew sessions that have died. */
  waits: boolean
}

/** How long a text is sent again before its outcome counts as unknown, milliseconds. */
const patience = 60_000
/** Answers that leave open whether the text was taken, or that say it may be in a moment. */
const passing = new Set([0, 408, 430, 481, 500, 503, 504, 506])

/** A SIP endpoint behind a network of its own, as an application would be written: what is not answered is sent again under its own ids. */
export class SipPeer {
  readonly endpoint: Endpoint
  readonly journal: EndJournal
  readonly number: string
  /** Between its SIP and the engine, and between its MSRP and the engine. */
  readonly udp: UdpProxy
  readonly tcp: FaultProxy
  readonly #msrp: boolean
  readonly #wraps: boolean
  /** How long it waits for the engine to renew a session that has died before it does so itself, milliseconds. */
  readonly #patience: number
  readonly #random: () => number
  #watching = true

  private constructor(plan: SipPeerPlan, udp: UdpProxy, tcp: FaultProxy, endpoint: Endpoint, journal: EndJournal) {
    this.udp = udp
    this.tcp = tcp
    this.endpoint = endpoint
    this.journal = journal
    this.number = plan.number
    this.#msrp = plan.msrp
    this.#random = randomFrom(plan.seed ^ Number(plan.number))
    this.#wraps = this.#random() < 0.5
    this.#patience = this.#random() < 0.5 ? between(this.#random, 0, 600) : 3_000
    if (plan.msrp && !plan.waits) void this.#watch()
  }

  /** Opens its sockets and registers. */
  static async open(plan: SipPeerPlan): Promise<SipPeer> {
    const { seed, number, msrp } = plan
    const udp = await UdpProxy.start(plan.target, randomFrom(~seed ^ Number(number)))
    let listens: Target = { host: '127.0.0.1', port: 0 }
    const tcp = await FaultProxy.start('127.0.0.1', () => listens)
    const { hostname, port } = new URL(tcp.address)
    const client = `${number} (${msrp ? 'MSRP' : 'MESSAGE'})`
    const journal: EndJournal = { client, dn: number, requests: [], arrivals: [], failed: new Set(), told: [] }
    const endpoint = await Endpoint.open({
      number,
      password: `pw-${number}`,
      engine: udp.near,
      msrp,
      contact: () => udp.far,
      ...(msrp && {
        msrpVia: (engine) => {
          listens = engine
          return { host: hostname, port: Number(port) }
        },
      }),
      onTold: (what) => journal.told.push({ at: performance.now(), what }),
      onArrival: (id, heard) => note(journal, id, heard),
    })
    const peer = new SipPeer(plan, udp, tcp, endpoint, journal)
    await peer.registers()
    return peer
  }

  /** Until the engine takes it. */
  async registers(): Promise<void> {
    for (const end = performance.now() + patience; ; await sleep(200))
      try {
        await this.endpoint.registers()
        return
      } catch (error) {
        if (performance.now() > end) throw error
      }
  }

  /** Another address for its SIP, told to the engine a little later. */
  async moves(): Promise<void> {
    await this.udp.move()
    await sleep(between(this.#random, 0, 300))
    await this.registers()
  }

  /** Calls this number until a session stands. */
  async invites(number: string): Promise<void> {
    for (const end = performance.now() + patience; ; await sleep(200)) {
      const refused = await this.endpoint.invites(number)
      if (!refused) return
      if (performance.now() > end) throw new Error(`${this.number} cannot call: ${refused.status} ${refused.reason}`)
    }
  }

  /** Sends a text, under its own ids however often it has to be sent; undefined where there was no session to send it in. */
  async says(to: string, text: string): Promise<Outcome | undefined> {
    const asked = performance.now()
    const outcome = await (this.#msrp ? this.#saysInSession(to, text) : this.#messages(to, text))
    if (outcome)
      this.journal.requests.push({ request: 'send', session: '', text, asked, answered: performance.now(), outcome })
    return outcome
  }

  async stop(): Promise<void> {
    this.#watching = false
    await this.endpoint.close()
    this.udp.stop()
    await this.tcp.stop()
  }

  async #messages(to: string, text: string): Promise<Outcome> {
    const { body, contentType } = this.#body(to, text)
    const callID = `call-of-${text}@phone`
    let doubt = false
    for (const end = performance.now() + patience; performance.now() < end; await sleep(300)) {
      const { status } = await this.endpoint.texts(to, body, { callID, contentType })
      if (status < 300) return 'accepted'
      if (!passing.has(status)) return doubt ? 'unknown' : 'refused'
      doubt = true
    }
    return 'unknown'
  }

  async #saysInSession(to: string, text: string): Promise<Outcome | undefined> {
    const { body, contentType } = this.#body(to, text)
    const messageID = `m-${idOf(text).replace('/', '-')}`
    let outcome: Outcome | undefined
    for (const end = performance.now() + patience; performance.now() < end; await sleep(20)) {
      const { session } = this.endpoint
      if (session === 'none') break
      if (session === 'down') continue
      const sent = await this.endpoint.sends(body, messageID, contentType)
      if (sent.sent) return 'accepted'
      // Only an answer says that it was not taken.
      if (!passing.has(sent.status)) return outcome === 'unknown' ? 'unknown' : 'refused'
      outcome = 'unknown'
    }
    return outcome
  }

  #body(to: string, text: string): { body: string; contentType: string } {
    if (!this.#wraps) return { body: text, contentType: 'text/plain' }
    const wrapped = printCpim({
      from: { uri: `sip:${this.number}@127.0.0.1` },
      to: [{ uri: `sip:${to}@127.0.0.1` }],
      dateTime: new Date().toISOString(),
      namespaces: [{ prefix: 'imdn', uri: imdnHeaders }],
      headers: [
        ['imdn.Message-ID', idOf(text)],
        ['imdn.Disposition-Notification', 'negative-delivery'],
      ],
      contentType: 'text/plain;charset=UTF-8',
      body: new TextEncoder().encode(text),
    })
    return { body: new TextDecoder().decode(wrapped), contentType: cpimType }
  }

  /** Renews a session that has died and that the engine does not renew. */
  async #watch(): Promise<void> {
    while (this.#watching) {
      await until(() => !this.#watching || this.endpoint.session === 'down', 3_600_000, 'nothing happens')
      await sleep(this.#patience)
      if (this.#watching && this.endpoint.session === 'down') await this.endpoint.renews().catch(() => undefined)
    }
  }
}

function note(journal: EndJournal, id: string, { contentType, body }: Heard): void {
  const at = performance.now()
  if (!contentType.startsWith(cpimType)) {
    if (body.startsWith('Not delivered: ')) journal.notices = (journal.notices ?? 0) + 1
    else if (contentType.startsWith('text/')) journal.arrivals.push({ at, id, text: body })
    return
  }
  const cpim = parseCpim(new TextEncoder().encode(body))
  const told = cpim && parseImdn(cpim.body)
  if (told) {
    const failed = journal.requests.find(
      (request) => request.request === 'send' && idOf(request.text) === told.messageID,
    )
    if (told.disposition.status === 'failed')
      journal.failed.add(failed?.request === 'send' ? failed.text : told.messageID)
  } else if (cpim) journal.arrivals.push({ at, id, text: new TextDecoder().decode(cpim.body) })
}
