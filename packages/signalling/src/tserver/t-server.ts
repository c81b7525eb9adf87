import type { DNRecord } from './agent.ts'
import type { Call } from './call.ts'
import type { CallUUID, DNumber, MessageID, PersonID } from './ids.ts'
import type { LogEntry } from './ports.ts'
import type { TRequest } from './t-request.ts'

/** What an accepted request leads to. It is durable when the answer is given. */
export interface Accepted {
  /** The call the request made or worked on. */
  callUUID?: CallUUID
  /** For a text: its id, its time (ms since 1970) and its position in the session's log. */
  text?: { messageID: MessageID; sent: number; position: number }
}

/** The T-Server of one contact centre, as its clients see it. */
export interface TServer {
  /** Carries out one request. Rejects with TServerError when it is refused; then nothing has changed. */
  request(request: TRequest): Promise<Accepted>
  /** The one IM session the agent is in now. */
  session(person: PersonID): Promise<Call | undefined>
  /** A session the person takes or took part in; ended ones as long as they are retained. */
  call(person: PersonID, callUUID: CallUUID): Promise<Call | undefined>
  /** Texts of a session after a position, in the order of acceptance; undefined if the session is not the person's. */
  transcript(
    person: PersonID,
    callUUID: CallUUID,
    after: number,
    limit: number,
  ): Promise<readonly LogEntry[] | undefined>
  /** Who is logged in on these DNs, in their order. */
  logins(dns: readonly DNumber[]): Promise<readonly (DNRecord | undefined)[]>
  /** The place the person is logged in at and the DNs of it they hold. */
  agent(person: PersonID): Promise<{ place: string | null; dns: readonly DNumber[] }>
  /** Looks for due timers until `stop`. */
  start(): void
  stop(): Promise<void>
}
