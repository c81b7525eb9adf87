/** What requests, invitations and dialogs of one stack share. */
import type { digestResponse } from '../digest/digest-response.ts'
import type { HeaderLine, Reply, SipRequest, SipResponse } from '../message/message.ts'
import type { ServerTransaction, Tokens, TransactionLayer } from '../transaction/ports.ts'
import { type TimerOwner, type TimerWheel, WheelTimer } from '../transaction/timer-wheel.ts'
import type { TimerBase } from '../transaction/timers.ts'
import type { Flow, Transports } from '../transport/flow.ts'
import type { SessionTimerOptions } from './session-timer.ts'

/** Why a timer of the dialog layer was started: `due` for whatever an alarm runs. */
export type DialogTimer = 'refresh' | 'expire' | 'due'

/** Whoever gets what is addressed to a local tag: a dialog, or an invitation on its way to one. */
export interface TagOwner {
  receive(transaction: ServerTransaction): void
  /** An ACK to a 2xx. */
  acknowledge(ack: SipRequest): void
  /** A 2xx to an INVITE whose transaction is over. */
  repeated(response: SipResponse): void
  /** The stack closes: nothing more is sent, and whoever waits is told. */
  close(): void
}

export interface Environment {
  readonly layer: TransactionLayer
  readonly ways: Pick<Transports, 'flow' | 'flowTo' | 'resolve'>
  readonly tokens: Tokens
  /** From 0 up to, but not including, 1. */
  readonly random: () => number
  readonly wheel: TimerWheel<DialogTimer>
  readonly timers: TimerBase
  readonly digest: typeof digestResponse
  /** By local tag: ours alone decides, as nobody can guess it. */
  readonly tags: Map<string, TagOwner>
  /** Requests that wait for their final answer: told when the stack closes. */
  readonly pending: Set<{ abort(): void }>
  /** Calls not answered yet, by the connection they came over. */
  readonly ringing: Map<string, Set<{ flowClosed(): void }>>
  /** Absent: sessions have no timer unless the peer wants one. */
  readonly sessionTimer: SessionTimerOptions | undefined
  /** Allow, Supported and the like, for what makes or changes a dialog. */
  readonly capabilities: readonly HeaderLine[]
  /** User-Agent. */
  readonly identity: readonly HeaderLine[]
  /** Told of broken invariants. Does not throw. */
  readonly onError: (error: unknown) => void
  /** A server below us refreshes sessions, ends them, and sends provisional answers until their PRACK: we only say what is wanted. */
  readonly delegates: boolean
}

/** Tells a user something. One that throws has broken an invariant of its own; nothing of ours ends with it. */
export function tell({ onError }: Environment, run: () => void): void {
  try {
    run()
  } catch (error) {
    onError(error)
  }
}

/** Answers with what a user said; 500 where that cannot stand in a message. */
export function respond({ onError }: Environment, transaction: ServerTransaction, reply: Reply): void {
  try {
    transaction.respond(reply)
  } catch (error) {
    onError(error)
    transaction.respond({ status: 500 })
  }
}

class Alarm implements TimerOwner<DialogTimer> {
  readonly timer = new WheelTimer<DialogTimer>(this)
  readonly #run: () => void

  constructor(run: () => void) {
    this.#run = run
  }

  onTimer(): void {
    this.#run()
  }
}

/** Runs once after so many milliseconds; the answer cancels it. */
export function after({ wheel }: Environment, ms: number, run: () => void): () => void {
  const { timer } = new Alarm(run)
  wheel.start(timer, 'due', ms)
  return () => wheel.stop(timer)
}

/** Headers of a user, and of ours those the user did not say. */
export function withDefaults(said: readonly HeaderLine[], ours: readonly HeaderLine[]): readonly HeaderLine[] {
  if (said.length === 0) return ours
  const names = new Set(said.map(([name]) => name.toLowerCase()))
  return [...ours.filter(([name]) => !names.has(name.toLowerCase())), ...said]
}

/** What 2xx and reliable provisional answers have in common: they are sent again, after T1, then at doubled intervals, until somebody stops it or 64·T1 have passed. */
export class Repeater implements TimerOwner<DialogTimer> {
  readonly #timer = new WheelTimer<DialogTimer>(this)
  readonly #env: Environment
  readonly #most: number
  readonly #again: () => void
  readonly #givenUp: () => void
  #interval: number
  #waited = 0

  /** `most`: where the intervals stop growing, ms. */
  constructor(env: Environment, most: number, again: () => void, givenUp: () => void) {
    this.#env = env
    this.#most = most
    this.#again = again
    this.#givenUp = givenUp
    this.#interval = env.timers.t1
    this.#wait()
  }

  stop(): void {
    this.#env.wheel.stop(this.#timer)
  }

  onTimer() {
    this.#waited += this.#interval
    const left = 64 * this.#env.timers.t1 - this.#waited
    if (left <= 0) return this.#givenUp()
    this.#again()
    this.#interval = Math.min(this.#interval * 2, this.#most, left)
    this.#wait()
  }

  #wait(): void {
    this.#env.wheel.start(this.#timer, 'due', this.#interval)
  }
}

/** The Contact that leads back to us over this flow. RFC 3261 §8.1.1.8, RFC 7118 §5. */
export function contactHeader(flow: Flow, user: string, secure: boolean): HeaderLine {
  const { transport } = flow
  const name = user === '' ? '' : `${user}@`
  const param = transport === 'udp' ? '' : transport === 'wss' ? ';transport=ws' : `;transport=${transport}`
  if (!secure) return ['Contact', `<sip:${name}${flow.sentBy}${param}>`]
  return ['Contact', `<sips:${name}${flow.sentBy}${transport === 'tls' ? '' : param}>`]
}

/** The user part of a SIP URI or name-addr, escaped as it is written; empty where there is none. */
export function userPart(address: string): string {
  return /sips?:([^@<>\s]*)@/i.exec(address)?.[1] ?? ''
}
