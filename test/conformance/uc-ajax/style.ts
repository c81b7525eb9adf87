/** How a client writes what it sends, and what it does with what it gets. */
export interface ClientStyle {
  contentType: string
  accept?: string
  /** Whether request bodies begin with an XML declaration. */
  declaration: boolean
  /** Whether `cwaRequests` has the default namespace. */
  namespace: boolean
  /** The attribute `sid` of `initiateSession`, where it is sent. */
  firstSid?: string
  /** Numbers its conversations itself, 1, 2, 3 …, and never reads a number from an answer. Else it sends 0 and reads. */
  numbersConversations: boolean
  query(sid: number, ackId: number, active: boolean): string
  /** Whether it takes over a ticket that differs from the one it has. */
  renewsTicket: boolean
  /** Milliseconds before the first poll, and between polls; `asTold`: what `pollWaitTime` says. */
  firstPollMs: number
  pollMs: number | 'asTold'
}

/** The Java client of 2010, as far as it is known: uc-ajax-api §1.2, §1.4, §1.6, §3.0. */
export const thirdParty: ClientStyle = {
  contentType: 'application/x-www-form-urlencoded',
  accept: 'text/plain',
  declaration: true,
  namespace: true,
  firstSid: '0',
  numbersConversations: true,
  query: (sid, ackId) => `Sid=${sid}&&AckID=${ackId}&UA=false`,
  renewsTicket: false,
  firstPollMs: 1_000,
  pollMs: 3_000,
}

/** A client that was written after Microsoft's samples. */
export const documented: ClientStyle = {
  contentType: 'text/xml',
  declaration: false,
  namespace: true,
  numbersConversations: false,
  query: (sid, ackId, active) => `Sid=${sid}&AckId=${ackId}&UA=${active}`,
  renewsTicket: true,
  firstPollMs: 0,
  pollMs: 'asTold',
}
