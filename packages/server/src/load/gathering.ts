import { CometdAgent } from './agents/cometd-agent.ts'
import type { Hears, LoadAgent } from './agents/load-agent.ts'
import { MessageAgent } from './agents/message-agent.ts'
import { MsrpAgent } from './agents/msrp-agent.ts'
import { SipPhones, type SipTarget } from './agents/sip-phones.ts'
import { UcAjaxAgent } from './agents/uc-ajax-agent.ts'
import { each } from './each.ts'
import { HttpPool, type HttpTarget } from './http-pool.ts'
import type { AgentOrder } from './protocol.ts'

/** Agents that log in at a time: each costs the server a slow hash. */
const atOnce = 8

/** All agents of a process, and what they share. */
export class Gathering {
  readonly #target: HttpTarget
  readonly #sip: SipTarget | undefined
  readonly #pool: HttpPool
  readonly #agents: { agent: LoadAgent; name: string }[] = []
  readonly #opened: LoadAgent[] = []
  readonly #onFault: (why: string) => void
  #phones: SipPhones | undefined

  constructor(target: HttpTarget, sip: SipTarget | undefined, onFault: (why: string) => void) {
    this.#target = target
    this.#sip = sip
    this.#pool = new HttpPool(target)
    this.#onFault = onFault
  }

  /** Makes an agent that is not logged in yet; `repeated` is told of what comes to it again. */
  async make(order: AgentOrder, hears: Hears, repeated: () => void): Promise<LoadAgent> {
    const agent = await this.#made(order, hears, repeated)
    this.#agents.push({ agent, name: order.userName === '' ? order.number : order.userName })
    return agent
  }

  /** Logs all of them in, a few at a time. Rejects with a sentence. */
  async open(onProgress: (done: number, of: number) => void): Promise<void> {
    let done = 0
    await each(this.#agents, atOnce, async ({ agent, name }) => {
      await agent.open().catch((error: Error) => {
        throw new Error(`The agent ${name} cannot take part: ${error.message}.`)
      })
      this.#opened.push(agent)
      done++
      onProgress(done, this.#agents.length)
    })
  }

  /** Logs out who is logged in, and closes everything. */
  async close(): Promise<void> {
    await each(this.#opened, atOnce, (agent) => agent.close().catch(() => undefined))
    this.#pool.close()
    await this.#phones?.close()
  }

  async #made(order: AgentOrder, hears: Hears, repeated: () => void): Promise<LoadAgent> {
    const { userName, password, number } = order
    const shared = { target: this.#target, pool: this.#pool, userName, password, number, hears }
    switch (order.kind) {
      case 'cometd':
        return new CometdAgent({ ...shared, transport: order.transport === 'websocket' ? 'ws' : 'lp' }, repeated)
      case 'uc-ajax':
        return new UcAjaxAgent(shared)
      case 'sip-message':
        return new MessageAgent(await this.#sipPhones(), { number, password }, hears, repeated)
      case 'msrp':
        return new MsrpAgent(await this.#sipPhones(), { number, password }, hears, repeated)
    }
  }

  async #sipPhones(): Promise<SipPhones> {
    if (!this.#sip) throw new Error('SIP is not part of this run.')
    this.#phones ??= await SipPhones.open(this.#sip, (why) => this.#onFault(`SIP: ${why}`))
    return this.#phones
  }
}
