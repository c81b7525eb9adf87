import type { Span } from '@opentelemetry/api'
import type { FlowUser, SipTap } from '@ringdown/signalling'
import type { Spans } from './spans.ts'

/** Transactions under way that are recorded. */
const mostPending = 2_000
/** An INVITE rings for three minutes at most (RFC 3261 §16.6); what is older has lost its answer. Milliseconds. */
const lostMs = 240_000

interface Pending {
  readonly span: Span
  readonly at: number
}

/**
 * A span for each SIP transaction: of a peer's requests around what we do with them, of our own from the request to its final answer. By
 * the top Via's branch and the method (RFC 3261 §17.1.3, §17.2.3). Retransmissions belong to the first. SPEC OT-2.
 */
export class SipSpans {
  readonly #spans: Spans
  readonly #now: () => number
  readonly #pending = new Map<string, Pending>()

  constructor(spans: Spans, now: () => number) {
    this.#spans = spans
    this.#now = now
  }

  /** The same user; what it does with a request is part of the request's span. */
  wrapUser(user: FlowUser): FlowUser {
    return {
      onMessage: (message, flow) => {
        const branch = message.kind === 'request' && message.method !== 'ACK' ? message.via.branch : undefined
        if (message.kind !== 'request' || branch === undefined) return user.onMessage(message, flow)
        const key = `in ${message.method} ${branch}`
        const span =
          this.#pending.get(key)?.span ?? this.#begin(key, message.method, this.#spans.api.SpanKind.SERVER, flow)
        return this.#spans.within(span, () => user.onMessage(message, flow))
      },
      onFault: (fault, flow) => user.onFault(fault, flow),
      onClosed: (flow) => user.onClosed(flow),
    }
  }

  /** Told of every message on the wire. */
  readonly tap: SipTap = (sent, flow, bytes) => {
    const isAnswer = bytes[0] === 0x53 && bytes[3] === 0x2f // `SIP/`
    if (isAnswer) {
      if (this.#pending.size > 0) this.#answered(sent, bytes)
      return
    }
    if (!sent) return
    const { method, branch } = namesIn(bytes)
    if (method === undefined || branch === undefined || method === 'ACK') return
    const key = `out ${method} ${branch}`
    if (!this.#pending.has(key)) this.#begin(key, method, this.#spans.api.SpanKind.CLIENT, flow)
  }

  #begin(key: string, method: string, kind: number, { transport }: { transport: string }): Span {
    const attributes = {
      'network.protocol.name': 'sip',
      'network.transport': transport === 'udp' ? 'udp' : 'tcp',
      'sip.request.method': known.has(method) ? method : '_OTHER',
    }
    const span = this.#spans.begin(`SIP ${known.has(method) ? method : '_OTHER'}`, { kind, attributes })
    if (!span.isRecording()) return span
    this.#pending.set(key, { span, at: this.#now() })
    this.#forgetLost()
    return span
  }

  #answered(sent: boolean, bytes: Uint8Array): void {
    const { status, method, branch } = namesIn(bytes)
    if (status === undefined || status < 200) return
    const key = `${sent ? 'in' : 'out'} ${method} ${branch}`
    const pending = this.#pending.get(key)
    if (!pending) return
    this.#pending.delete(key)
    pending.span.setAttribute('sip.response.status_code', status)
    if (status >= 500) this.#spans.fail(pending.span, String(status))
    pending.span.end()
  }

  #forgetLost(): void {
    for (const [key, { span, at }] of this.#pending) {
      if (this.#pending.size <= mostPending && this.#now() - at < lostMs) return
      this.#pending.delete(key)
      this.#spans.fail(span, 'no_answer')
      span.end()
    }
  }
}

const known = new Set([
  'INVITE',
  'BYE',
  'CANCEL',
  'MESSAGE',
  'REGISTER',
  'OPTIONS',
  'PRACK',
  'UPDATE',
  'INFO',
  'NOTIFY',
  'SUBSCRIBE',
  'REFER',
])
/** As far into a message as its top Via and CSeq are looked for. */
const headBytes = 4_096

function namesIn(bytes: Uint8Array): { status?: number; method?: string; branch?: string } {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, headBytes)).toString('latin1')
  const status = /^SIP\/2\.0 (\d{3})/i.exec(head)?.[1]
  const method =
    status === undefined ? /^([A-Z]+) /.exec(head)?.[1] : /^cseq[ \t]*:[ \t]*\d+[ \t]+([A-Z]+)/im.exec(head)?.[1]
  const branch = /^(?:via|v)[ \t]*:[^\r\n]*?;[ \t]*branch[ \t]*=[ \t]*([^\s;,]+)/im.exec(head)?.[1]
  return {
    ...(status !== undefined && { status: Number(status) }),
    ...(method !== undefined && { method }),
    ...(branch !== undefined && { branch }),
  }
}
