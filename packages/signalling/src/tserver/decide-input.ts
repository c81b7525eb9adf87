/** What SIP and MSRP bring in about a leg of a call. Pure. */
import type { Call, CallEnd, CallState, Party } from './call.ts'
import { answer, changed, endCall } from './call-change.ts'
import { decideOffered } from './decide-offer.ts'
import { composing, report, sipText } from './decide-text.ts'
import { type Decision, refuse } from './decision.ts'
import type { Versioned } from './ports.ts'
import type { SipInput } from './sip-input.ts'
import type { SipLeg } from './sip-leg.ts'
import type { FreshIDs, World } from './world.ts'

type OnLeg = Exclude<SipInput, { input: 'offered' }>

/** Decides an input; the counterpart of `decide` for SIP and MSRP. */
export function decideInput(input: SipInput, world: World, ids: FreshIDs, now: number): Decision {
  return input.input === 'offered' ? decideOffered(input, world, ids, now) : decideOnLeg(input, world, now)
}

function decideOnLeg(input: OnLeg, world: World, now: number): Decision {
  const stored = world.call
  const party = stored?.value.parties.find((p) => p.dn === input.dn)
  const sip = party?.sip
  if (!stored || !sip) return refuse('TERR_INV_CONNID', `${input.callUUID} has no SIP leg ${input.dn}`)
  if (input.input === 'takenOver') return takeOver(input, stored, party, sip)
  // SPEC BR-8: a node that was taken for dead does nothing to what is another's now. SPEC BR-18: after the end anybody may report.
  const isLateReport = input.input === 'report' && stored.value.end !== undefined
  if (sip.owner !== input.node && !isLateReport) return refuse('TERR_INV_CONNID', `the leg is with another node`)
  const { directory } = world
  const { callUUID } = input
  switch (input.input) {
    case 'answered':
      if (party.state !== 'alerting' || party.role !== 'Destination') return { kind: 'nothing', callUUID }
      return answer(withLeg(stored, party, { ...sip, mode: input.mode }), now, directory)
    case 'refused':
      if (party.state !== 'alerting') return { kind: 'nothing', callUUID }
      return endCall(stored, { dn: party.dn, ...refusalOf(input.status, input.reason) }, now, directory)
    case 'released':
      if (party.state === 'null') return { kind: 'nothing', callUUID }
      return released(input, stored, party, world, now)
    case 'text':
      return sipText(stored, party, input.text, world, now)
    case 'composing': {
      const { state, refreshSeconds } = input
      return composing(
        stored,
        party,
        { state, ...(refreshSeconds !== undefined && { refreshSeconds }) },
        directory,
        now,
      )
    }
    case 'report': {
      const { messageID, outcome, status, reason } = input
      const said = { ...(status !== undefined && { status }), ...(reason !== undefined && { reason: brief(reason) }) }
      return report(stored, party, { messageID, outcome, ...said }, directory, now)
    }
  }
}

/** SPEC BR-8: another owner makes another version of the call, so whatever the former one decides on is refused. */
function takeOver(
  { node, from, callUUID }: Extract<OnLeg, { input: 'takenOver' }>,
  stored: Versioned<Call>,
  party: Party,
  sip: SipLeg,
): Decision {
  if (stored.value.end) return refuse('TERR_DEST_INV_STATE', 'the session has ended')
  if (sip.owner === node) return { kind: 'nothing', callUUID }
  if (sip.owner !== from) return refuse('TERR_INV_CONNID', 'the leg is with another node')
  const { value } = withLeg(stored, party, { ...sip, owner: node })
  return changed(stored, value, [], {})
}

function released(
  { why, reason }: Extract<OnLeg, { input: 'released' }>,
  stored: Versioned<Call>,
  party: Party,
  { directory }: World,
  now: number,
): Decision {
  const ending = {
    dn: party.dn,
    ...(reason !== undefined && { sip: { reason: brief(reason) } }),
    ...(why === 'lost' && { why: 'failed' as const }),
    ...(party.state === 'alerting' && { callState: 'GeneralError' as const, why: 'failed' as const }),
  }
  return endCall(stored, ending, now, directory)
}

function withLeg(stored: Versioned<Call>, party: Party, sip: SipLeg): Versioned<Call> {
  const parties = stored.value.parties.map((p) => (p.dn === party.dn ? { ...p, sip } : p))
  return { version: stored.version, value: { ...stored.value, parties } }
}

/** What a refusal over SIP is in T-Library's words. SPEC BR-2. */
function refusalOf(
  status: number,
  reason: string,
): { callState: CallState; why: CallEnd['why']; sip: NonNullable<CallEnd['sip']> } {
  const sip = { status, reason: brief(reason) }
  switch (status) {
    case 486:
    case 600:
      return { callState: 'Busy', why: 'busy', sip }
    case 603:
    case 607:
    case 608:
      return { callState: 'Busy', why: 'rejected', sip }
    case 408:
    case 480:
    case 487:
      return { callState: 'NoAnswer', why: 'noAnswer', sip }
    case 404:
    case 410:
    case 484:
    case 604:
      return { callState: 'SitInvalidnum', why: 'invalidNumber', sip }
    case 430:
    case 502:
    case 503:
    case 504:
      return { callState: 'SitVacant', why: 'unreachable', sip }
  }
  return { callState: 'GeneralError', why: 'failed', sip }
}

/** Reasons are the peer's own words; they are kept with the call and shown. */
function brief(reason: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return reason.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 200)
}
