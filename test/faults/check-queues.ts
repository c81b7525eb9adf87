/** What G1 to G5 mean for a client of UC AJAX: events are numbered in its own queue, and texts have no ids. */
import { conversationOf, type Place, placesOf, sessionsBehind, textOf } from './cwa-arrivals.ts'
import { firstArrivals, type History, type Journal, type Queue, type QueueEvent, type Violation } from './history.ts'

/** Broken promises towards clients of UC AJAX, beyond those that hold for every client. */
export function checkQueues({ journals, transcripts }: Pick<History, 'journals' | 'transcripts'>): Violation[] {
  const places = placesOf(transcripts)
  return journals.flatMap((journal) => {
    const { queue, client } = journal
    if (!queue) return []
    const firsts = firstEvents(queue)
    const found: Violation[] = [
      ...(queue.broken ?? []).map((what) => ({ rule: 'G4' as const, what })),
      ...numbersAreExact(queue),
      ...textsCameOnce(queue, firsts),
      ...textsAreWhereTheyWereSaid(queue, firsts, places),
      ...requestsAreAnsweredOnce(queue, firsts),
    ]
    return [
      ...found.map(({ rule, what }) => ({ rule, what: `${client}: ${what}` })),
      ...owedTexts(journal, transcripts),
    ]
  })
}

/** Each event once, where it came first. */
function firstEvents({ events }: Queue): QueueEvent[] {
  const seen = new Set<string>()
  return events.filter(({ sid, eid }) => {
    const key = `${sid} ${eid}`
    return !seen.has(key) && seen.add(key)
  })
}

// G4: each session counts from 1 without holes, and an event that comes again is the same.
function numbersAreExact({ events }: Queue): Violation[] {
  const found: Violation[] = []
  const known = new Map<number, string[]>()
  for (const { sid, eid, event } of events) {
    const queue = known.get(sid) ?? []
    known.set(sid, queue)
    const content = JSON.stringify(event)
    if (eid > queue.length + 1) found.push({ rule: 'G4', what: `event ${eid} of ${sid} after ${queue.length}` })
    const before = queue[eid - 1]
    if (before === undefined) queue[eid - 1] = content
    else if (before !== content)
      found.push({ rule: 'G4', what: `event ${eid} of ${sid} was ${before} and is ${content}` })
  }
  return found
}

// G2: nothing but its number tells a text from its repetition, so each has one number in a session.
function textsCameOnce(queue: Queue, firsts: readonly QueueEvent[]): Violation[] {
  const found: Violation[] = []
  const numbers = new Map<string, number>()
  for (const told of firsts) {
    const text = textOf(queue, told)
    if (text === undefined) continue
    const key = `${told.sid} ${text}`
    const before = numbers.get(key)
    if (before !== undefined)
      found.push({ rule: 'G2', what: `${text} came as ${before} and as ${told.eid} of ${told.sid}` })
    numbers.set(key, told.eid)
  }
  return found
}

// G7: a text comes from who said it. G3: a conversation is one session, and its texts are in that one.
function textsAreWhereTheyWereSaid(
  queue: Queue,
  firsts: readonly QueueEvent[],
  places: ReadonlyMap<string, Place>,
): Violation[] {
  const found: Violation[] = []
  const sessions = sessionsBehind(queue, places)
  for (const told of firsts) {
    const { event } = told
    const text = textOf(queue, told)
    const place = text === undefined ? undefined : places.get(text)
    if (!place) continue
    const sender = event.told === 'text' ? event.sender : event.told === 'invited' ? event.by : place.line.from
    if (sender !== place.line.from)
      found.push({ rule: 'G7', what: `${text} is shown as said by ${sender}, and ${place.line.from} said it` })
    const conversation = conversationOf(queue, told)
    if (conversation !== undefined && sessions.get(conversation) !== place.session)
      found.push({ rule: 'G3', what: `${text} of ${place.session} came in ${conversation}, which is another one` })
  }
  return found
}

// What was accepted has one outcome; what was refused has none (uc-ajax-api §1.7).
function requestsAreAnsweredOnce({ asked }: Queue, firsts: readonly QueueEvent[]): Violation[] {
  const found: Violation[] = []
  const outcomes = new Map<string, number>()
  for (const { sid, event } of firsts) {
    if (event.told !== 'outcome') continue
    const key = `${sid} ${event.rid}`
    outcomes.set(key, (outcomes.get(key) ?? 0) + 1)
    const request = asked.get(key)
    if (!request) found.push({ rule: 'G7', what: `told of ${key}, which was never asked` })
    else if (!event.succeeded && request.outcome === 'accepted')
      found.push({ rule: 'G1', what: `${key} was accepted and failed: ${event.detail ?? ''} ${request.text ?? ''}` })
    else if (event.succeeded && request.outcome === 'refused')
      found.push({ rule: 'G1', what: `${key} was refused and succeeded: ${request.text ?? ''}` })
  }
  const latest = firsts.at(-1)?.sid
  for (const [key, { outcome, notice }] of asked) {
    const times = outcomes.get(key) ?? 0
    if (times > 1 && !notice) found.push({ rule: 'G2', what: `told ${times} times what became of ${key}` })
    // A session that the client has given up owes nothing.
    if (times === 0 && outcome === 'accepted' && key.startsWith(`${latest} `))
      found.push({ rule: 'G1', what: `never told what became of ${key}` })
  }
  return found
}

// G1: a client that signed in anew, or beside another one, is owed what the peer says in the session it is shown.
function owedTexts(journal: Journal, transcripts: History['transcripts']): Violation[] {
  const found: Violation[] = []
  const gapAt = journal.arrivals.findLastIndex(({ notification: n }) => n.messageType === 'IMSessionGapMessage')
  if (journal.whole && gapAt < 0) return []
  const heard = new Set<string>()
  for (const { notification: n } of firstArrivals(journal))
    if (n.messageType === 'IMLogUpdateMessage') heard.add(n.messageId)
  const talking = new Set<string>()
  for (const { notification: n } of journal.arrivals.slice(gapAt + 1))
    if (n.messageType === 'IMSessionStateChangeMessage' && n.imSession.state === 'Talking') talking.add(n.imSession.id)
  for (const session of talking)
    for (const { from, messageId, position, text } of transcripts.get(session) ?? [])
      if (from !== journal.dn && !heard.has(messageId))
        found.push({ rule: 'G1', what: `${journal.client}: never heard ${position} of ${session}: ${text}` })
  return found
}
