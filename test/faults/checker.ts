/**
 * Decides from what clients wrote down and what the server's log holds whether the promises G1 to G7 were kept.
 * It knows the promises and the public contract, and nothing of how the engine works.
 */
import type { SessionState } from '@ringdown/client'
import { checkEnds, withEnds } from './check-ends.ts'
import { checkQueues } from './check-queues.ts'
import { placesOf } from './cwa-arrivals.ts'
import { firstArrivals, type History, type Journal, readPosition, sessionOfPath, type Violation } from './history.ts'

/** Every broken promise of the history; none where all was well. */
export function check(told: History): Violation[] {
  const history = withEnds(told)
  return [
    ...checkEnds(history, partiesOf(history)),
    ...checkQueues(history),
    ...acceptedTextsArrive(history),
    ...textsAreSingle(history),
    ...textsAreInOrder(history),
    ...feedsAreExact(history),
    ...statesFollowTheTable(history),
    ...agentsAreInOneSession(history),
    ...nobodyElseIsHeard(history),
  ]
}

/** What a history amounts to, for people. */
export function figures(history: History) {
  const { journals } = withEnds(history)
  const requests = journals.flatMap((journal) => journal.requests).filter((request) => !request.intruder)
  const texts = requests.filter((request) => 'text' in request && request.text !== undefined)
  const arrivals = journals.flatMap((journal) => journal.arrivals.filter(isText))
  const firsts = journals.flatMap((journal) => firstArrivals(journal).filter(isText))
  const heard = (history.ends ?? []).flatMap((end) => end.arrivals.map(({ id }) => `${end.client} ${id}`))
  const heardFirst = new Set(heard).size
  return {
    sessions: requests.filter((r) => r.request === 'initiate' && r.outcome === 'accepted').length,
    sent: texts.length,
    accepted: texts.filter((r) => r.outcome === 'accepted').length,
    unknown: texts.filter((r) => r.outcome === 'unknown').length,
    delivered: firsts.length + heardFirst,
    duplicates: arrivals.length - firsts.length + heard.length - heardFirst,
    gaps: journals.flatMap((j) => j.arrivals).filter((a) => a.notification.messageType === 'IMSessionGapMessage')
      .length,
  }
}

// G1: what was accepted is in the log, and what is in the log has reached both parties, unless a gap was announced.
function acceptedTextsArrive(history: History): Violation[] {
  const { journals, transcripts } = history
  const found: Violation[] = []
  const places = placesOf(transcripts)
  for (const { client, dn, requests } of journals)
    for (const request of requests) {
      if (request.request === 'complete' || request.text === undefined || request.intruder) continue
      // A session that begins with a text is known by it.
      const place = places.get(request.text)
      const logged = request.request === 'initiate' || place?.session === request.session ? place?.line : undefined
      if (request.outcome === 'accepted' && !logged)
        found.push({ rule: 'G1', what: `${client}: accepted and not in the log: ${request.text}` })
      if (request.outcome === 'refused' && logged)
        found.push({ rule: 'G1', what: `${client}: refused, yet in the log: ${request.text}` })
      if (logged && logged.from !== dn)
        found.push({ rule: 'G7', what: `${client}: sent as ${dn}, logged as ${logged.from}: ${request.text}` })
    }

  const parties = partiesOf(history)
  for (const journal of journals) {
    if (!journal.whole || announcedGap(journal)) continue
    const arrived = new Set(
      journal.arrivals.map(({ notification: n }) => (n.messageType === 'IMLogUpdateMessage' ? n.messageId : '')),
    )
    for (const [session, lines] of transcripts) {
      if (!parties.get(session)?.has(journal.dn)) continue
      for (const line of lines)
        if (!arrived.has(line.messageId))
          found.push({ rule: 'G1', what: `${journal.client}: never saw ${line.position} of ${session}: ${line.text}` })
    }
    for (const id of missingEnds(journal, journals))
      found.push({ rule: 'G1', what: `${journal.client}: never saw the end of ${id}, which was accepted` })
  }
  return found
}

// G2: one message id for one text, everywhere.
function textsAreSingle({ journals, transcripts }: History): Violation[] {
  const found: Violation[] = []
  const idOf = new Map<string, string>()
  const note = (where: string, text: string, messageId: string) => {
    const known = idOf.get(text)
    if (known === undefined) idOf.set(text, messageId)
    else if (known !== messageId)
      found.push({ rule: 'G2', what: `${where}: ${text} is both ${known} and ${messageId}` })
  }
  for (const [session, lines] of transcripts) {
    const ids = lines.map((line) => line.messageId)
    for (const id of ids.filter((id, i) => ids.indexOf(id) !== i))
      found.push({ rule: 'G2', what: `${session}: ${id} is in the log twice` })
    for (const line of lines) note(session, line.text, line.messageId)
  }
  for (const { client, arrivals } of journals)
    for (const { notification: n } of arrivals)
      if (n.messageType === 'IMLogUpdateMessage') note(client, n.message, n.messageId)
  return found
}

// G3: positions count from 1 without holes; clients see them in that order; who waits for an answer before the next text keeps its order.
function textsAreInOrder({ journals, transcripts }: History): Violation[] {
  const found: Violation[] = []
  const positions = new Map<string, number>()
  for (const [session, lines] of transcripts)
    for (const [i, line] of lines.entries()) {
      if (line.position !== i + 1)
        found.push({ rule: 'G3', what: `${session}: position ${line.position} stands at ${i + 1}` })
      positions.set(line.text, line.position)
    }

  for (const journal of journals) {
    const last = new Map<string, number>()
    for (const { notification: n } of firstArrivals(journal)) {
      if (n.messageType !== 'IMLogUpdateMessage') continue
      const position = positions.get(n.message)
      const before = last.get(n.imSessionPath) ?? 0
      if (position === undefined)
        found.push({ rule: 'G3', what: `${journal.client}: saw what the log does not have: ${n.message}` })
      else if (position < before)
        found.push({ rule: 'G3', what: `${journal.client}: ${position} after ${before} of ${n.imSessionPath}` })
      else last.set(n.imSessionPath, position)
      if (n.position !== undefined && n.position !== position)
        found.push({ rule: 'G3', what: `${journal.client}: told position ${n.position}, the log says ${position}` })
    }
    for (const request of journal.requests) {
      if (request.request !== 'initiate' || request.text === undefined) continue
      const position = positions.get(request.text) ?? 1
      if (position !== 1)
        found.push({
          rule: 'G3',
          what: `${journal.client}: a session began with ${request.text}, which is ${position}`,
        })
    }
    const sends = journal.requests.filter((request) => request.request === 'send')
    for (const [i, later] of sends.entries())
      for (const earlier of sends.slice(0, i)) {
        if (earlier.session !== later.session || earlier.outcome !== 'accepted' || earlier.answered > later.asked)
          continue
        const [first, second] = [positions.get(earlier.text), positions.get(later.text)]
        if (first !== undefined && second !== undefined && second < first)
          found.push({
            rule: 'G3',
            what: `${journal.client}: ${later.text} was sent after ${earlier.text} was accepted, and stands before it`,
          })
      }
  }
  return found
}

// G4: positions never go back, the epoch stays, and two clients of one agent see the same at the same position.
function feedsAreExact({ journals: all }: History): Violation[] {
  const found: Violation[] = []
  const journals = all.filter(({ queue }) => !queue)
  const feeds = new Map<string, Map<string, string>>()
  for (const journal of journals) {
    const feed = feeds.get(journal.dn) ?? new Map<string, string>()
    feeds.set(journal.dn, feed)
    let last: { epoch: string; offset: number } | undefined
    for (const { notification, position } of firstArrivals(journal)) {
      if (notification.messageType === 'IMSessionGapMessage') {
        last = undefined
        continue
      }
      const now = readPosition(position)
      if (!now || position === undefined) {
        found.push({ rule: 'G4', what: `${journal.client}: a notification without a position` })
        continue
      }
      if (last && last.epoch !== now.epoch)
        found.push({ rule: 'G4', what: `${journal.client}: epoch ${last.epoch} became ${now.epoch} without a word` })
      else if (last && now.offset <= last.offset)
        found.push({ rule: 'G4', what: `${journal.client}: ${now.offset} after ${last.offset}` })
      last = now
      const content = JSON.stringify(notification)
      if ((feed.get(position) ?? content) !== content)
        found.push({ rule: 'G4', what: `${journal.client}: another notification at ${position}` })
      feed.set(position, content)
    }
  }
  for (const journal of journals) {
    if (!journal.whole || announcedGap(journal)) continue
    const seen = new Set(journal.arrivals.map((arrival) => arrival.position))
    for (const position of feeds.get(journal.dn)?.keys() ?? [])
      if (!seen.has(position)) found.push({ rule: 'G4', what: `${journal.client}: ${position} is missing` })
  }
  return found
}

// G5, in the words of the public contract. A state that is reported again is no step.
const steps: Record<SessionState, readonly SessionState[]> = {
  Initiating: ['Talking', 'Completed'],
  Alerting: ['Talking', 'Completed'],
  Talking: ['Completed'],
  Completed: [],
}

function statesFollowTheTable({ journals, living }: History): Violation[] {
  const found: Violation[] = []
  const openings = openingsOf(journals)
  for (const journal of journals) {
    const states = new Map<string, SessionState>()
    const caller = new Set<string>()
    // Behind a gap, and for a client that came late, a session may show up in any state.
    let whole = journal.whole
    for (const { notification: n } of firstArrivals(journal)) {
      if (n.messageType === 'IMSessionGapMessage') {
        states.clear()
        whole = false
      }
      if (n.messageType === 'IMLogUpdateMessage') {
        const id = sessionOfPath(n.imSessionPath)
        const state = states.get(id)
        // What a session begins with is shown while it rings.
        const early = openings.has(n.message) && state !== 'Completed'
        if (state !== 'Talking' && (state !== undefined || whole) && !early)
          found.push({
            rule: 'G5',
            what: `${journal.client}: a text while ${id} is ${state ?? 'unknown'}: ${n.message}`,
          })
      }
      if (n.messageType !== 'IMSessionStateChangeMessage') continue
      const { id, state } = n.imSession
      const before = states.get(id)
      if (state === 'Initiating') caller.add(id)
      const begins = before === undefined && (!whole || state === 'Initiating' || state === 'Alerting')
      const same = before === state && n.notificationType === 'AttachedDataChanged'
      if (
        !begins &&
        !same &&
        !(before !== undefined && n.notificationType === 'StatusChange' && steps[before].includes(state))
      )
        found.push({ rule: 'G5', what: `${journal.client}: ${id} went from ${before ?? 'nothing'} to ${state}` })
      states.set(id, state)
    }
    if (!whole) continue
    const asked = journals
      .filter((other) => other.dn === journal.dn)
      .flatMap((other) => other.requests)
      .filter((r) => r.request === 'initiate' && r.outcome === 'accepted' && !r.intruder).length
    if (caller.size < asked)
      found.push({ rule: 'G5', what: `${journal.client}: ${asked} sessions accepted, ${caller.size} seen` })
    const open = [...states].filter(([, state]) => state !== 'Completed').map(([id]) => id)
    const alive = living.get(journal.dn) ?? []
    for (const id of open.filter((id) => !alive.includes(id)))
      found.push({ rule: 'G5', what: `${journal.client}: ${id} is over, but was never seen to end` })
    for (const id of alive.filter((id) => !open.includes(id)))
      found.push({ rule: 'G5', what: `${journal.client}: ${id} lives, but is not seen to` })
  }
  return found
}

// G6: a session begins only where the one before has ended.
function agentsAreInOneSession({ journals, living }: History): Violation[] {
  const found: Violation[] = []
  for (const journal of journals) {
    const open = new Set<string>()
    for (const { notification: n } of firstArrivals(journal)) {
      if (n.messageType === 'IMSessionGapMessage') open.clear()
      if (n.messageType !== 'IMSessionStateChangeMessage') continue
      if (n.imSession.state === 'Completed') open.delete(n.imSession.id)
      else open.add(n.imSession.id)
      if (open.size > 1) found.push({ rule: 'G6', what: `${journal.client}: in ${[...open].join(' and ')} at once` })
    }
  }
  for (const [dn, sessions] of living)
    if (sessions.length > 1) found.push({ rule: 'G6', what: `${dn}: in ${sessions.join(' and ')} at the end` })
  return found
}

// G7: nothing done with foreign credentials, nothing seen of foreign sessions, nobody spoken for.
function nobodyElseIsHeard(history: History): Violation[] {
  const { journals, transcripts } = history
  const found: Violation[] = []
  for (const { client, requests } of journals)
    for (const request of requests)
      if (request.intruder && request.outcome === 'accepted')
        found.push({ rule: 'G7', what: `${client}: ${request.request} was accepted with foreign credentials` })

  const parties = partiesOf(history)
  for (const [session, dns] of parties)
    if (dns.size > 2) found.push({ rule: 'G7', what: `${session} was seen by more than two: ${[...dns].join(', ')}` })

  const spoken = new Map<string, string>()
  for (const { dn, requests } of journals)
    for (const request of requests)
      if (request.request !== 'complete' && request.text !== undefined && !request.intruder)
        spoken.set(request.text, dn)
  for (const [session, lines] of transcripts)
    for (const line of lines) {
      if (spoken.get(line.text) !== line.from)
        found.push({ rule: 'G7', what: `${session}: ${line.from} did not say ${line.text}` })
      if (!parties.get(session)?.has(line.from))
        found.push({ rule: 'G7', what: `${session}: ${line.from} is no party of it` })
    }
  return found
}

/** Who takes part in each session: whoever was told of it, and whom they were told they talk to. */
export function partiesOf({ journals, parties: told = new Map() }: History): Map<string, Set<string>> {
  const parties = new Map([...told].map(([session, numbers]) => [session, new Set(numbers)]))
  for (const { dn, arrivals } of journals)
    for (const { notification: n } of arrivals) {
      if (n.messageType !== 'IMLogUpdateMessage' && n.messageType !== 'IMSessionStateChangeMessage') continue
      const id = n.messageType === 'IMLogUpdateMessage' ? sessionOfPath(n.imSessionPath) : n.imSession.id
      const known = parties.get(id) ?? new Set()
      parties.set(id, known.add(dn))
      if (n.messageType === 'IMSessionStateChangeMessage')
        for (const peer of n.imSession.participants) known.add(peer.digits)
    }
  return parties
}

function missingEnds(journal: Journal, journals: readonly Journal[]): string[] {
  const seen = new Map<string, boolean>()
  for (const { notification: n } of journal.arrivals)
    if (n.messageType === 'IMSessionStateChangeMessage')
      seen.set(n.imSession.id, seen.get(n.imSession.id) === true || n.imSession.state === 'Completed')
  const ended = journals
    .flatMap((other) => other.requests)
    .flatMap((r) => (r.request === 'complete' && r.outcome === 'accepted' && !r.intruder ? [r.session] : []))
  return ended.filter((id) => seen.get(id) === false)
}

/** Texts that sessions began with. */
function openingsOf(journals: readonly Journal[]): Set<string> {
  const requests = journals.flatMap((journal) => journal.requests)
  return new Set(requests.flatMap((r) => (r.request === 'initiate' && r.text !== undefined ? [r.text] : [])))
}

function announcedGap(journal: Journal): boolean {
  return journal.arrivals.some((arrival) => arrival.notification.messageType === 'IMSessionGapMessage')
}

function isText({ notification }: { notification: { messageType: string } }): boolean {
  return notification.messageType === 'IMLogUpdateMessage'
}
