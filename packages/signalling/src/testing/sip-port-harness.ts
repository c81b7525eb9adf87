import type { Reply } from '../sip/message/message.ts'
import type { DialogUser, IncomingInvite, IncomingRequest, SipPort, SipUser } from '../sip/ports.ts'
import type { RawPeer } from './raw-peer.ts'

/** What a run of the contract says of the stack it opens. */
export interface PortBenchOptions {
  readonly user: SipUser
  /** Seconds; absent: the stack asks for no session timer. */
  readonly sessionTimer?: { readonly interval: number; readonly minSE: number }
}

/** A stack under test with everything around it. */
export interface PortBench {
  readonly port: SipPort
  /** A peer that speaks this transport with the stack. */
  peer(transport: 'udp' | 'tcp'): Promise<RawPeer>
  /** Lets so many milliseconds pass for the stack. Only where `clocked`. */
  advance(ms: number): Promise<void>
  /** Resolves when everything that is on its way has arrived. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** What a server between the stack and its peers decides otherwise than we would; what it does instead is tested in its place. SPEC SD-61 to SD-63. */
export type Deviation =
  | 'no route headers'
  | 'unknown methods are dropped'
  | 'a CANCEL after the answer ends the dialog'
  | 'a BYE before the answer is refused'
  | 'a wrong PRACK is not refused'
  | 'branches are not told apart'
  | 'a BYE ends re-INVITEs with 500'

/** How a stack is put under test. */
export interface SipPortHarness {
  open(options: PortBenchOptions): Promise<PortBench>
  /** Whether the test turns the stack's clock. */
  readonly clocked: boolean
  /** Whether dialogs can be restored from their state, and flows be named. */
  readonly ownsDialogs: boolean
  /** Absent: none. */
  readonly deviations?: ReadonlySet<Deviation>
}

/** A user of the port that keeps what it is told, and answers as the test says. */
export class TestSipUser implements SipUser {
  readonly requests: IncomingRequest[] = []
  readonly invites: IncomingInvite[] = []
  readonly closedFlows: string[] = []
  reply: (incoming: IncomingRequest) => Promise<Reply> = async () => ({ status: 200 })
  onEachInvite: ((invite: IncomingInvite) => void) | undefined = undefined

  async onRequest(incoming: IncomingRequest): Promise<Reply> {
    this.requests.push(incoming)
    return this.reply(incoming)
  }

  onInvite(invite: IncomingInvite): void {
    this.invites.push(invite)
    this.onEachInvite?.(invite)
  }

  onFlowClosed(flow: string): void {
    this.closedFlows.push(flow)
  }
}

/** The user of one dialog, likewise. */
export class TestDialogUser implements DialogUser {
  readonly offers: string[] = []
  readonly requests: string[] = []
  readonly answers: string[] = []
  readonly ends: Parameters<DialogUser['onEnd']>[0][] = []
  answer: () => Promise<Uint8Array | Reply> = async () => Buffer.from('our answer')

  async onOffer(offer: Uint8Array): Promise<Uint8Array | Reply> {
    this.offers.push(Buffer.from(offer).toString())
    return this.answer()
  }

  onAnswer(sdp: Uint8Array): void {
    this.answers.push(Buffer.from(sdp).toString())
  }

  async onRequest(request: Parameters<DialogUser['onRequest']>[0]): Promise<Reply> {
    this.requests.push(`${request.method} ${Buffer.from(request.body).toString()}`)
    return { status: 200 }
  }

  onEnd(why: Parameters<DialogUser['onEnd']>[0]): void {
    this.ends.push(why)
  }
}
