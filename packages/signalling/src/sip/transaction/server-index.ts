import type { SipRequest } from '../message/message.ts'
import { requestKey, transactionID } from './keys.ts'
import type { InviteServer } from './run-invite-server.ts'
import type { NonInviteServer } from './run-non-invite-server.ts'

/** Either kind of server transaction. */
export type Server = InviteServer | NonInviteServer

/** Ways over which one request is known to have come; nobody honest needs more, and looking it up has to stay cheap. */
const maxWays = 8

/**
 * All server transactions: one table for repetitions, ACKs, CANCELs and merged requests, as all of them share Call-ID, From tag and CSeq with
 * the request. Those of one request hang together.
 */
export class ServerIndex {
  readonly #byKey = new Map<string, Server>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Those of the request, over whichever way they came: the first one, to be followed by `next`. */
  of(request: SipRequest): { key: string; first: Server | undefined } {
    const key = requestKey(request)
    return { key, first: this.#byKey.get(key) }
  }

  add(server: Server): void {
    server.next = this.#byKey.get(server.key)
    this.#byKey.set(server.key, server)
    this.#size++
  }

  remove(server: Server): void {
    const first = this.#byKey.get(server.key)
    if (first === server) {
      if (server.next) this.#byKey.set(server.key, server.next)
      else this.#byKey.delete(server.key)
    } else {
      let before = first
      while (before && before.next !== server) before = before.next
      if (!before) return
      before.next = server.next
    }
    server.next = undefined
    this.#size--
  }

  /** Forgets all of them. */
  close(): void {
    for (const first of [...this.#byKey.values()])
      for (let server: Server | undefined = first; server; ) {
        const { next }: Server = server
        server.end()
        server = next
      }
  }
}

/** The transaction this is a repetition of, or for an ACK and a CANCEL with `method` INVITE the one it is about. */
export function findServer(
  first: Server | undefined,
  request: SipRequest,
  method: string,
  toTag?: string,
): Server | undefined {
  if (!first) return undefined
  const id = transactionID(request, method, toTag)
  let server: Server | undefined = first
  while (server && server.id !== id) server = server.next
  return server
}

/** How a new request stands to those of the same key: alone, one that came another way before (RFC 3261 §8.2.2.2), or one too many. */
export function waysOf(first: Server | undefined, request: SipRequest): 'new' | 'merged' | 'tooMany' {
  let ways = 0
  let merged = false
  for (let server = first; server; server = server.next) {
    ways++
    if (!server.isCancel) merged = true
  }
  return ways >= maxWays ? 'tooMany' : merged && request.to.tag === undefined ? 'merged' : 'new'
}
