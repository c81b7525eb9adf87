import type { ClientKind } from './agent.ts'
import type { Person } from './engine.ts'
import type { Journal, LoggedText, Outcome } from './history.ts'

/** A session of UC AJAX, as a kind of client; `accepts`: its DN does not answer by itself, the client does. */
export interface CwaKind {
  transport: 'uc-ajax'
  style: 'third-party' | 'documented'
  accepts: boolean
}
export type AnyKind = ClientKind | CwaKind

/** In few words, for people. */
export function nameOfKind(kind: AnyKind): string {
  if (kind.transport === 'uc-ajax') return `${kind.transport} ${kind.style}${kind.accepts ? ', accepts' : ''}`
  return `${kind.transport}${kind.ack ? '+ack' : ''}`
}

/** One of an agent's clients, with what it wrote down. */
export interface Listening {
  kind: AnyKind
  journal: Journal
  connected: boolean
  connects: readonly number[]
  breaks: readonly number[]
  handshakes: number
}

/** A conversation as a client of UC AJAX names it. */
export interface Conversation {
  sid: number
  confId: number
}

/** An agent at work, whatever is spoken to the engine. */
export interface Talker {
  readonly person: Person
  readonly clients: readonly Listening[]
  readonly journals: readonly Journal[]
  login(): Promise<void>
  listen(address: string, kind: AnyKind): Promise<unknown>
  /** Begins a session; with `text` where the protocol has first texts. */
  initiate(peer: string, text: () => string): Promise<Outcome>
  send(session: string, text: string): Promise<Outcome>
  complete(session: string): Promise<Outcome>
  /** Tries to speak where it has no business; `victim`: what the others call that session. */
  intrude(session: string, text: string, password?: string, victim?: Conversation): Promise<void>
  session(): Promise<{ id: string; state: string } | undefined>
  transcript(session: string): Promise<LoggedText[]>
  /** What the log has by now, for clients that are told no ids. */
  learn?(transcripts: ReadonlyMap<string, readonly LoggedText[]>): void
  conversation?(): Conversation | undefined
  stop(): Promise<void>
}
