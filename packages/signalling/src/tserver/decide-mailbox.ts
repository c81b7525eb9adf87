/** Texts that waited for an agent, and sessions nobody writes in any more. Pure. */
import { begin } from './begin-call.ts'
import type { Party } from './call.ts'
import { endCall, idleTimeout, idleTimerID, liveState, mailboxTimerID, type TimerSet } from './call-change.ts'
import { type Caller, findCallee } from './callee.ts'
import { cancel } from './decide-call.ts'
import { partyOf } from './decide-offer.ts'
import { textChange } from './decide-text.ts'
import { type Decision, noTimers } from './decision.ts'
import type { DNumber } from './ids.ts'
import { type MailboxRecord, nextLook, type StoredText, undeliveredTimerID } from './mailbox.ts'
import type { Change, Versioned } from './ports.ts'
import type { TTimer } from './t-request.ts'
import type { FreshIDs, World } from './world.ts'

/**
 * Takes one text out of a DN's mailbox and into a session, or looks again later. The world has the mailbox, the DN's record, the
 * claim of the agent there and their session; and the same of the first sender. SPEC BR-14.
 */
export function decideMailbox(dn: DNumber, world: World, ids: FreshIDs, now: number): Decision {
  const box = world.mailbox
  const [first] = box?.value.texts ?? []
  if (!box || !first) return cancel(mailboxTimerID(dn), { expect: [expectBox(dn, box?.version ?? 0)] })

  // SPEC BR-19: before anything else, or a text that nobody fetched would be said after its time.
  const { retentionMs } = world.directory.options
  const late = box.value.texts.filter(({ text }) => text.sent + retentionMs <= now)
  if (late.length > 0) return withoutLate(box, late, now, retentionMs)

  const shared = world.call
  for (const kept of shared ? box.value.texts : []) {
    const sender = shared && partyOf(shared.value, { dn: kept.text.from, otherDN: dn, trunk: kept.trunk })
    if (!sender || sender.state === 'alerting') continue
    const said = textChange(shared, sender, kept.text, true, world.directory, now)
    return { ...said, change: withoutText(said.change, box, kept) }
  }

  const agent = kept(first, world)
  const free = agent === null || !world.claims.get(agent)
  const to = free ? findCallee(dn, { dn: first.text.from, agent, mayLeave: false }, world) : undefined
  if (to?.found !== 'callee') return lookLater(dn, box, world, now)
  const caller: Party = {
    dn: first.text.from,
    role: 'Origination',
    state: 'dialing',
    leg: 'sip',
    agent,
    sip: { owner: world.node, mode: 'pager', trunk: first.trunk, uri: first.uri },
  }
  const own = first.trunk === null ? [expectDN(first.text.from, world)] : []
  const begun = begin(
    {
      caller,
      callee: to.callee,
      callType: first.trunk === null ? to.callType : 'Inbound',
      userData: {},
      expect: [...own, ...to.expect],
      text: first.text,
    },
    world,
    ids,
    now,
  )
  return begun.kind === 'change' ? { ...begun, change: withoutText(begun.change, box, first) } : begun
}

/** The agent at a stored text's sender, if that is a DN of ours. */
function kept({ text, trunk }: StoredText, world: World): Caller['agent'] {
  return trunk === null ? (world.dns.get(text.from)?.value.login?.person ?? null) : null
}

function withoutText(change: Change, box: Versioned<MailboxRecord>, taken: StoredText): Change {
  const { dn, texts } = box.value
  const left: MailboxRecord = { dn, texts: texts.filter((text) => text !== taken) }
  return {
    ...change,
    expect: [...change.expect, expectBox(dn, box.version)],
    put: [...change.put, { kind: 'mailbox', id: dn, value: left }],
  }
}

/**
 * The mailbox without texts that have waited for as long as sessions are kept; what is left is looked at again at once. The same commit
 * leaves a timer for each that is gone, so that its sender is told whoever dies meanwhile. Of what it said nothing is left.
 */
function withoutLate(
  box: Versioned<MailboxRecord>,
  late: readonly StoredText[],
  now: number,
  retentionMs: number,
): Decision {
  const { dn, texts } = box.value
  const left: MailboxRecord = { dn, texts: texts.filter((text) => !late.includes(text)) }
  return {
    kind: 'change',
    change: {
      expect: [expectBox(dn, box.version)],
      put: [{ kind: 'mailbox', id: dn, value: left }],
      claims: [],
      feeds: [],
      timers: {
        set: [
          { id: mailboxTimerID(dn), due: now, timer: { timer: 'mailbox', dn } },
          ...late.map((kept) => undeliveredTimer(dn, kept, now, retentionMs)),
        ],
        cancel: [],
      },
    },
  }
}

function undeliveredTimer(dn: DNumber, { text, uri, trunk }: StoredText, now: number, retentionMs: number): TimerSet {
  const { from, messageID, wants } = text
  const about = { dn, from, uri, trunk, messageID, ...(wants && { wants }), until: now + retentionMs }
  return { id: undeliveredTimerID(about), due: now, timer: { timer: 'undelivered', text: about } }
}

/** What is left of a delivery when the session has had the text before: it only leaves the mailbox. */
export function alreadyDelivered({ expect, put }: Change): Change {
  return {
    expect: expect.filter(({ kind }) => kind === 'mailbox'),
    put: put.filter(({ kind }) => kind === 'mailbox'),
    claims: [],
    feeds: [],
    timers: noTimers,
  }
}

/** Nothing can be delivered now. A login or a session's end in between says so by itself, and must not be undone by this. */
function lookLater(dn: DNumber, box: Versioned<MailboxRecord>, world: World, now: number): Decision {
  const agents = [...world.claims].filter(([, claim]) => claim !== undefined)
  return {
    kind: 'change',
    change: {
      expect: [expectBox(dn, box.version), expectDN(dn, world)],
      put: [],
      claims: agents.map(([person, claim]) => ({ person, from: claim, to: claim })),
      feeds: [],
      timers: {
        set: [
          {
            id: mailboxTimerID(dn),
            due: nextLook(box.value, world.directory.options.retentionMs, now),
            timer: { timer: 'mailbox', dn },
          },
        ],
        cancel: [],
      },
    },
  }
}

function expectBox(dn: DNumber, version: number) {
  return { kind: 'mailbox' as const, id: dn, version }
}

function expectDN(dn: DNumber, world: World) {
  return { kind: 'dn' as const, id: dn, version: world.dns.get(dn)?.version ?? 0 }
}

/**
 * Ends a session that was without a text for too long, or looks again when it will have been. `last` is its last text; `waits`: a
 * text waits for an endpoint to come back, and has not waited for longer than sessions are kept. SPEC BR-12.
 */
export function decideIdle(
  { callUUID }: Extract<TTimer, { timer: 'idle' }>,
  last: { position: number; at: number },
  waits: boolean,
  { call, directory }: World,
  now: number,
): Decision {
  const id = idleTimerID(callUUID)
  const idleMs = call && !call.value.end && liveState(call.value) === 'talking' && idleTimeout(call.value, directory)
  const [party] = call?.value.parties ?? []
  if (!call || !party || !idleMs) return cancel(id)
  const stays = waits && now < last.at + directory.options.retentionMs
  const due = stays ? Math.max(now, last.at) + idleMs : last.at + idleMs
  if (now >= due) return endCall(call, { dn: party.dn, why: 'idle', byEngine: true }, now, directory)
  return {
    kind: 'change',
    change: {
      expect: [{ kind: 'call', id: callUUID, version: call.version }],
      put: [],
      claims: [],
      feeds: [],
      timers: { set: [{ id, due, timer: { timer: 'idle', callUUID, seen: last } }], cancel: [] },
    },
  }
}
