/** What G1 to G3 mean where a SIP endpoint takes part: it sees no log, only what comes, by the ids it knows repetitions by. */
import type { EndArrival, EndJournal, History, Violation } from './history.ts'

/** What endpoints asked for among the journals of agents, each text with the session it came into. */
export function withEnds(history: History): History {
  const { ends = [], journals, transcripts } = history
  const sessionOf = new Map<string, string>()
  for (const [session, lines] of transcripts) for (const { text } of lines) sessionOf.set(text, session)
  const asked = ends.map(({ client, dn, requests }) => ({
    client,
    dn,
    whole: false,
    arrivals: [],
    requests: requests.map((request) =>
      request.request === 'send' ? { ...request, session: sessionOf.get(request.text) ?? '' } : request,
    ),
  }))
  return { ...history, journals: [...journals, ...asked] }
}

/** Broken promises towards endpoints. What they sent is looked at with what agents sent. */
export function checkEnds(history: History, parties: ReadonlyMap<string, ReadonlySet<string>>): Violation[] {
  return (history.ends ?? []).flatMap((end) => {
    const { arrivals, violations } = once(end)
    return [...violations, ...heardInOrder(end, arrivals, history), ...heardAll(end, arrivals, history, parties)]
  })
}

// G2: after de-duplication, every text is there once, and an id stands for one text.
function once({ client, arrivals }: EndJournal): { arrivals: EndArrival[]; violations: Violation[] } {
  const violations: Violation[] = []
  const textOf = new Map<string, string>()
  const idOf = new Map<string, string>()
  const firsts: EndArrival[] = []
  for (const arrival of arrivals) {
    const { id, text } = arrival
    const known = textOf.get(id)
    if (known !== undefined && known !== text)
      violations.push({ rule: 'G2', what: `${client}: ${id} was ${known} and is ${text}` })
    if (known !== undefined) continue
    const other = idOf.get(text)
    if (other !== undefined) violations.push({ rule: 'G2', what: `${client}: ${text} came as ${other} and as ${id}` })
    textOf.set(id, text)
    idOf.set(text, id)
    firsts.push(arrival)
  }
  return { arrivals: firsts, violations }
}

// G3: what is heard is in the log, and in its order.
function heardInOrder({ client }: EndJournal, arrivals: readonly EndArrival[], { transcripts }: History): Violation[] {
  const found: Violation[] = []
  const places = new Map<string, { session: string; position: number }>()
  for (const [session, lines] of transcripts)
    for (const { text, position } of lines) places.set(text, { session, position })
  const last = new Map<string, number>()
  for (const { text } of arrivals) {
    const place = places.get(text)
    if (!place) {
      found.push({ rule: 'G3', what: `${client}: heard what the log does not have: ${text}` })
      continue
    }
    const before = last.get(place.session) ?? 0
    if (place.position < before)
      found.push({
        rule: 'G3',
        what: `${client}: heard ${place.position} after ${before} of ${place.session}: ${text}`,
      })
    else last.set(place.session, place.position)
  }
  return found
}

// G1: what others said in a session of this endpoint was heard, or its sender was told that it was not.
function heardAll(
  { client, dn }: EndJournal,
  arrivals: readonly EndArrival[],
  { journals, ends = [], transcripts }: History,
  parties: ReadonlyMap<string, ReadonlySet<string>>,
): Violation[] {
  const found: Violation[] = []
  const heard = new Set(arrivals.map(({ text }) => text))
  const failedIDs = new Set(journals.flatMap(({ failed = [] }) => [...failed]))
  const failedTexts = new Set(ends.flatMap(({ failed }) => [...failed]))
  // A notice does not say which text it is about; each stands for one.
  const notices = new Map(ends.map(({ dn: sender, notices = 0 }) => [sender, notices]))
  for (const [session, lines] of transcripts) {
    if (!parties.get(session)?.has(dn)) continue
    for (const { from, messageId, position, text } of lines) {
      if (from === dn || heard.has(text) || failedIDs.has(messageId) || failedTexts.has(text)) continue
      const left = notices.get(from) ?? 0
      notices.set(from, left - 1)
      if (left > 0) continue
      found.push({ rule: 'G1', what: `${client}: never heard ${position} of ${session}, and nobody was told: ${text}` })
    }
  }
  return found
}
