/** How the UC AJAX API is served. Durations in milliseconds. */
export interface UcAjaxOptions {
  /** Whether it is served at all. */
  enabled: boolean
  /** The host of the SIP URIs written, and of those that are ours; null: the contact centre's id. */
  domain: string | null
  /** What stands for a person in a URI: the user name, or the number of the DN they work at. */
  persons: 'user' | 'number'
  /** What clients are told to wait between polls, and while they have a conversation. */
  pollWaitMs: number
  busyPollWaitMs: number
  /** How long a poll is held when there is nothing to tell; 0: it is answered at once. */
  holdMs: number
  /** How long a session lives without a request. */
  sessionTimeoutMs: number
  /** How long a ticket is good for; a new one is given out after half of it. */
  ticketMs: number
  /** How long a ticket is still taken once a newer one has been given out. */
  ticketGraceMs: number
  /** Sessions of one person; the one that was silent for longest gives way. */
  sessionsPerPerson: number
  /**
   * What an invitation of the very person one is talking to is: a second session, which is refused, or the next text of the one
   * there is. There are clients that know of no other way to send a second message.
   */
  inviteAgain: 'refuse' | 'continue'
  /** Whether what the documentation does not know is `requestInvalid` rather than counted and ignored. */
  strict: boolean
  /** Whether answers carry the default namespace. */
  namespace: boolean
}

export const defaultUcAjaxOptions: UcAjaxOptions = {
  enabled: true,
  domain: null,
  persons: 'user',
  pollWaitMs: 3_000,
  busyPollWaitMs: 1_000,
  holdMs: 0,
  sessionTimeoutMs: 600_000,
  ticketMs: 28_800_000,
  ticketGraceMs: 120_000,
  sessionsPerPerson: 16,
  inviteAgain: 'refuse',
  strict: false,
  namespace: false,
}

export const namespace = 'http://schemas.microsoft.com/2006/09/rtc/cwa'
