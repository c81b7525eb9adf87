/** Limits of one request or frame, bayeux.md §5. */
export const limits = { bodyBytes: 65_536, messages: 64, depth: 16, idLength: 64, channelLength: 256 } as const

/** What is read of a message; every field may be missing or of the wrong type but `channel`. */
export interface BayeuxMessage {
  readonly channel: string
  readonly id?: unknown
  readonly clientId?: unknown
  readonly subscription?: unknown
  readonly supportedConnectionTypes?: unknown
  readonly advice?: unknown
  readonly ext?: unknown
}

export type Parsed =
  | { messages: readonly BayeuxMessage[] }
  /** The HTTP status that says so, and a text for a person. */
  | { status: 400 | 413; why: string }

/** The messages of one body or frame: an array, or a single object as the Java server accepts it. SPEC CD-3. */
export function parseMessages(text: string): Parsed {
  if (tooDeep(text)) return { status: 400, why: 'The messages are nested too deeply' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { status: 400, why: 'The body is not JSON' }
  }
  const messages = Array.isArray(value) ? value : [value]
  if (messages.length === 0) return { status: 400, why: 'There is no message in the body' }
  if (messages.length > limits.messages) return { status: 413, why: 'Too many messages in one request' }
  if (!messages.every(isMessage)) return { status: 400, why: 'Each message is an object with a channel' }
  return { messages }
}

function isMessage(value: unknown): value is BayeuxMessage {
  const message = objectOf(value)
  if (!message || typeof message.channel !== 'string' || message.channel.length > limits.channelLength) return false
  return idIsFine(message.id)
}

function idIsFine(id: unknown): boolean {
  return typeof id === 'string' ? id.length <= limits.idLength : id === undefined || id === null || Number.isFinite(id)
}

// Counted before parsing, so that nothing that walks a value ever meets a deep one.
function tooDeep(text: string): boolean {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quoted) {
      if (code === 0x5c) at++
      else if (code === 0x22) quoted = false
    } else if (code === 0x22) quoted = true
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > limits.depth) return true
    } else if (code === 0x5d || code === 0x7d) depth--
  }
  return false
}

/** The value as an object to read fields of; undefined for arrays and everything else. Keys a client chose are never looked up in it. */
export function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

/** A field of a message's `ext`. */
export function extOf(message: BayeuxMessage, field: 'ack' | 'replay' | 'authentication' | 'timesync'): unknown {
  const ext = objectOf(message.ext)
  return ext && Object.hasOwn(ext, field) ? ext[field] : undefined
}

/** Milliseconds a client asks its connect to be held at most; undefined where it leaves that to us. */
export function askedTimeout(message: BayeuxMessage): number | undefined {
  const timeout = objectOf(message.advice)?.timeout
  return typeof timeout === 'number' && timeout >= 0 ? timeout : undefined
}

/** The strings of a field that may be one string or an array of them; undefined where it is neither. */
export function stringsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
}

/** What a server tells a client about its next connect. Intervals and timeouts in milliseconds. */
export interface Advice {
  reconnect: 'retry' | 'handshake' | 'none'
  interval?: number
  timeout?: number
}

/** A reply to a meta message or a publish. Fields that are undefined are not printed. */
export interface Reply {
  successful: boolean
  error?: string | undefined
  clientId?: string | undefined
  subscription?: unknown
  version?: string
  minimumVersion?: string
  supportedConnectionTypes?: readonly string[]
  advice?: Advice | undefined
  ext?: Record<string, unknown> | undefined
}

/** The reply as JSON text. `id` is echoed, or left out when the message had none. */
export function printReply(message: BayeuxMessage, reply: Reply): string {
  const { id, channel } = message
  return JSON.stringify({ ...(id !== undefined && id !== null && { id }), channel, ...reply })
}

/** What a connect is told of a session that is not there: error and advice as the Java server's, word by word. SPEC CD-6. */
export const sessionUnknown = {
  successful: false,
  error: '402::session_unknown',
  advice: { reconnect: 'handshake', interval: 0 },
} as const satisfies Reply

/** An error in the form of Bayeux, `code:arguments:text`. The arguments are the client's own and were checked for length. */
export function bayeuxError(code: number, text: string, ...args: string[]): string {
  return `${code}:${args.join(',')}:${text}`
}
