import type { OutgoingInvite, SipAnswer, SipDialog } from '@ringdown/signalling'

/** What came of INVITEs to all contacts of an endpoint. */
export type Forked =
  | { dialog: SipDialog; sdp: Uint8Array }
  /** Of all refusals the one that says most. RFC 3261 §16.7. */
  | { refused: Pick<SipAnswer, 'status' | 'reason'> }

/** The first that answers has the call, and the others are ended, also those that answer all the same. */
export function firstAnswer(calls: readonly OutgoingInvite[]): Promise<Forked> {
  const refusals: SipAnswer[] = []
  let won = false
  return new Promise((resolve) => {
    const onAnswered = (call: OutgoingInvite, outcome: Awaited<OutgoingInvite['answered']>) => {
      if ('refused' in outcome) {
        refusals.push(outcome.refused)
        // One that declines for everybody ends the ringing of the others (RFC 3261 §16.7, 6xx).
        if (outcome.refused.status >= 600 && !won) for (const other of calls) if (other !== call) other.cancel()
        if (refusals.length === calls.length) resolve({ refused: bestRefusal(refusals) })
        return
      }
      if (won) return void outcome.dialog.bye(elsewhere)
      won = true
      for (const other of calls) if (other !== call) other.cancel(elsewhere)
      resolve(outcome)
    }
    for (const call of calls) void call.answered.then((outcome) => onAnswered(call, outcome))
  })
}

const elsewhere = 'SIP;cause=200;text="Call completed elsewhere"'

function bestRefusal(refusals: readonly SipAnswer[]): Pick<SipAnswer, 'status' | 'reason'> {
  const rank = ({ status }: SipAnswer) => (status >= 600 ? 0 : status === 408 || status === 503 ? 2 : 1)
  const [best] = [...refusals].sort((a, b) => rank(a) - rank(b))
  return best ?? { status: 480, reason: 'nobody there' }
}
