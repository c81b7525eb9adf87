import type { CallUUID, Clock, SipTap } from '@ringdown/signalling'
import type { HepFigures } from '../metrics/export-metrics.ts'
import type { WireName } from '../trace/bindings.ts'
import { maskSip } from '../trace/mask.ts'
import type { End } from '../trace/recorded.ts'
import { CallNames } from './call-names.ts'
import { type Agent, hepPacket } from './packet.ts'
import type { HepDropReason, Sink, SinkUser } from './sink.ts'

export interface HepDeps {
  readonly sink: (user: SinkUser) => Sink
  readonly clock: Clock
  /** Milliseconds since 1970, with fractions. */
  readonly now: () => number
  /** Runs after what has come in meanwhile. */
  readonly soon: (run: () => void) => void
  readonly agent: Agent
  /** Texts, subjects and user data as they are. Credentials never are. */
  readonly whole: boolean
  readonly correlate: boolean
  /** Bytes that wait at most. */
  readonly bytes: number
}

interface Waiting {
  readonly at: number
  readonly sent: boolean
  readonly transport: string
  readonly local: End
  readonly remote: End
  readonly bytes: Uint8Array
}

/** So that many messages go out at once, and those that belong together find the session they were bound to meanwhile. Milliseconds. */
const restMs = 20
/** Messages printed in one go: about a millisecond, then traffic has its turn. */
const slice = 50
/** What an entry takes besides its bytes. */
const entryBytes = 200
/** What is left when the node stops gets so long to go, and is looked after so often. Milliseconds. */
const farewellMs = 500
const farewellStepMs = 10

/**
 * Hands copies of SIP messages to a collector. On the way of the traffic it keeps a reference and nothing else; what waits is bounded, the
 * oldest gives way. SPEC HP-3, HP-4.
 */
export class HepExporter {
  readonly #deps: HepDeps
  readonly #sink: Sink
  readonly #names = new CallNames()
  readonly #drops: Partial<Record<HepDropReason, number>> = {}
  #queue: Waiting[] = []
  /** Where the queue begins; what is in front of it has gone. */
  #first = 0
  #bytes = 0
  #messages = 0
  /** Taken by the sink, and neither written nor lost. */
  #underWay = 0
  #busy = false
  #closed = false

  constructor(deps: HepDeps) {
    this.#deps = deps
    this.#sink = deps.sink({
      onWritten: () => {
        this.#underWay--
        this.#messages++
      },
      onLost: (reason) => {
        this.#underWay--
        this.#drop(reason)
      },
      onReady: () => this.#begin(),
    })
  }

  readonly tap: SipTap = (sent, { transport, local, remote }, bytes) => {
    if (this.#closed) return
    this.#queue.push({ at: this.#deps.now(), sent, transport, local, remote, bytes })
    this.#bytes += bytes.length + entryBytes
    while (this.#bytes > this.#deps.bytes && this.#first < this.#queue.length) {
      this.#take()
      this.#drop(this.#sink.trouble)
    }
    this.#begin()
  }

  /** The session a Call-ID belongs to. */
  bind(callUUID: CallUUID, name: WireName): void {
    if (this.#deps.correlate && 'callID' in name) this.#names.bind(name.callID, callUUID)
  }

  state(): HepFigures {
    return { messages: this.#messages, queuedBytes: this.#bytes, drops: this.#drops }
  }

  /** Sends what waits, as far as a collector that is there takes it within half a second; the rest is counted as dropped. */
  async close(): Promise<void> {
    const { clock } = this.#deps
    const until = clock.now() + farewellMs
    while (clock.now() < until && (this.#length > 0 || this.#underWay > 0)) {
      // One that is away is not waited for.
      if (!this.#flush() && this.#sink.trouble !== 'full') break
      await new Promise<void>((resolve) => clock.after(farewellStepMs, resolve))
    }
    this.#closed = true
    this.#drop('closed', this.#length)
    this.#queue = []
    this.#first = this.#bytes = 0
    this.#sink.close()
  }

  get #length(): number {
    return this.#queue.length - this.#first
  }

  #begin(): void {
    if (this.#busy || this.#closed) return
    this.#busy = true
    this.#deps.clock.after(restMs, () => this.#work())
  }

  #work(): void {
    const goesOn = !this.#closed && this.#flush()
    if (goesOn && this.#length > 0) this.#deps.soon(() => this.#work())
    else this.#busy = false
  }

  /** False: the sink takes no more now. */
  #flush(): boolean {
    for (let count = 0; count < slice; count++) {
      const next = this.#queue[this.#first]
      if (!next) return true
      const packet = this.#print(next)
      if (packet) {
        // Before it is sent: a sink may tell at once what became of it.
        this.#underWay++
        if (this.#sink.send(packet) === 'later') {
          this.#underWay--
          return false
        }
      } else this.#drop('tooLarge')
      this.#take()
    }
    return true
  }

  #print({ at, sent, transport, local, remote, bytes }: Waiting): Uint8Array | undefined {
    const { agent, whole } = this.#deps
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
    const payload = Buffer.from(maskSip(text, whole), 'latin1')
    const [source, target] = sent ? [local, remote] : [remote, local]
    return hepPacket({ at, transport, source, target, payload, correlation: this.#names.of(text) }, agent)
  }

  #take(): void {
    const gone = this.#queue[this.#first]
    if (!gone) return
    this.#bytes -= gone.bytes.length + entryBytes
    this.#first++
    if (this.#first < 1024 && this.#first < this.#queue.length) return
    this.#queue = this.#queue.slice(this.#first)
    this.#first = 0
  }

  #drop(reason: HepDropReason, count = 1): void {
    if (count > 0) this.#drops[reason] = (this.#drops[reason] ?? 0) + count
  }
}
