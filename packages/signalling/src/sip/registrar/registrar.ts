import type { DNumber } from '../../tserver/ids.ts'
import type { Clock, SessionStore } from '../../tserver/ports.ts'
import type { Binding, Registration } from '../../tserver/registration.ts'
import {
  type RegisterInput,
  type RegisterOutcome,
  type RegistrarLimits,
  reachable,
  register,
  withoutFlow,
} from './registration.ts'

export interface RegistrarDeps {
  readonly store: SessionStore
  readonly clock: Clock
  /** Names this run of this node: another one after every restart, for flows do not outlive it. Without blanks. */
  readonly node: string
  readonly limits: RegistrarLimits
  /** Whether a flow of this node is still open. */
  readonly hasFlow: (flow: string) => boolean
  /** A DN can be reached: each time it registers here, and when it registers a new address at another node. Must not throw. */
  readonly onRegistered?: (dn: DNumber) => void
}

/** What became of a REGISTER; `conflict`: others were faster again and again. */
export type Registered = RegisterOutcome | { readonly refused: 'conflict' }

const tries = 8
const signalName = 'sipRegistered'

/** The bindings of all DNs of a contact centre, as the store has them. Methods reject as the store does. SPEC SR-21 to SR-33. */
export class Registrar {
  readonly #deps: RegistrarDeps
  /** Which DNs have bindings that go with a flow of ours. */
  readonly #byFlow = new Map<string, Set<DNumber>>()
  readonly #stop: () => void

  constructor(deps: RegistrarDeps) {
    this.#deps = deps
    this.#stop = deps.store.onSignal((message) => {
      const [name, node, dn] = message.split(' ')
      if (name === signalName && node !== deps.node && dn !== undefined) deps.onRegistered?.(dn as DNumber)
    })
  }

  /** Makes a REGISTER true, or nothing of it. */
  async register(dn: DNumber, input: RegisterInput): Promise<Registered> {
    const { clock, limits } = this.#deps
    // A query changes nothing: RFC 3261 §10.2.3.
    if (input.contacts.length === 0) return { registration: { bindings: await this.bindings(dn) }, added: false }
    const { flow, bound } = input.common
    if (bound && flow !== undefined) this.#watch(flow, dn)
    const outcome = await this.#change(dn, (before) => register(before, input, clock.now(), limits))
    if (!('refused' in outcome) && outcome.registration.bindings.length > 0 && input.contacts !== '*')
      this.#tell(dn, outcome.added)
    // It may have been closed before its binding was there.
    if (bound && flow !== undefined && !this.#deps.hasFlow(flow)) await this.flowClosed(flow)
    return outcome
  }

  /** Where the DN can be reached now, the best first. */
  async bindings(dn: DNumber): Promise<readonly Binding[]> {
    return reachable((await this.#read(dn)).registration, this.#deps.clock.now())
  }

  /** A flow of this node is gone, and the bindings made over it that nothing else leads to. RFC 5626 §6. */
  async flowClosed(flow: string): Promise<void> {
    const dns = this.#byFlow.get(flow)
    this.#byFlow.delete(flow)
    await Promise.all(
      [...(dns ?? [])].map((dn) =>
        this.#change(dn, (before) => {
          const registration = before && withoutFlow(before, this.#deps.node, flow)
          return registration === undefined || registration === before ? undefined : { registration, added: false }
        }),
      ),
    )
  }

  /** Takes a binding away that a proxy on its Path says leads nowhere (430, RFC 5626 §5.3), unless it was refreshed since. */
  async drop(dn: DNumber, { callID, cseq, contact }: Binding): Promise<void> {
    await this.#change(dn, (before) => {
      const bindings = before?.bindings.filter(
        (other) => other.callID !== callID || other.cseq !== cseq || other.contact !== contact,
      )
      if (!bindings || bindings.length === before?.bindings.length) return undefined
      return { registration: { bindings }, added: false }
    })
  }

  /** Hears nothing any more. */
  close(): void {
    this.#stop()
  }

  async #read(dn: DNumber): Promise<{ version: number; registration: Registration | undefined }> {
    const { records } = await this.#deps.store.read({ records: [{ kind: 'registration', id: dn }], claims: [] })
    return { version: records[0]?.version ?? 0, registration: records[0]?.value as Registration | undefined }
  }

  /** Reads, decides and commits, until nobody was faster. Undefined: there is nothing to change. */
  async #change(
    dn: DNumber,
    decide: (before: Registration | undefined) => RegisterOutcome | undefined,
  ): Promise<Registered> {
    for (let i = 0; i < tries; i++) {
      const { version, registration } = await this.#read(dn)
      const outcome = decide(registration)
      if (!outcome || 'refused' in outcome) return outcome ?? { registration: { bindings: [] }, added: false }
      const id = { kind: 'registration', id: dn } as const
      const { outcome: committed } = await this.#deps.store.commit({
        expect: [{ ...id, version }],
        put: [{ ...id, value: outcome.registration, expireMs: this.#lifetime(outcome.registration) }],
        claims: [],
        feeds: [],
        timers: { set: [], cancel: [] },
      })
      if (committed === 'committed') return outcome
    }
    return { refused: 'conflict' }
  }

  /** The record goes with its last binding: nobody has to sweep. */
  #lifetime({ bindings }: Registration): number {
    const last = bindings.reduce((latest, { expires }) => Math.max(latest, expires), 0)
    return Math.max(1, last - this.#deps.clock.now())
  }

  #watch(flow: string, dn: DNumber): void {
    const dns = this.#byFlow.get(flow) ?? new Set()
    this.#byFlow.set(flow, dns.add(dn))
  }

  #tell(dn: DNumber, added: boolean): void {
    const { store, node, onRegistered } = this.#deps
    onRegistered?.(dn)
    // A hint: who needs it for certain looks at the bindings from time to time.
    if (added) store.signal('*', `${signalName} ${node} ${dn}`).catch(() => undefined)
  }
}
