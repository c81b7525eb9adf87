import type { Call, CallUUID, DNumber, PersonID, SessionStore } from '@ringdown/signalling'
import { Failures } from './failures.ts'
import { agentAt, type People } from './people.ts'
import type { Printer } from './print-session.ts'

/** A contact centre to export from. */
export interface ExportedCentre {
  id: string
  store: Pick<SessionStore, 'listSessions' | 'read' | 'readLog' | 'readFeed'>
  people: People
}

/** Which sessions are wanted; what is absent does not matter. */
export interface Wanted {
  /** They began at this time or later, and before that; milliseconds since 1970. */
  from?: number
  until?: number
  person?: PersonID
  dn?: DNumber
  session?: CallUUID
}

/** Sessions and texts that are read at a time: so many are in memory, however many there are. */
const sessionPage = 100
const textPage = 200

/**
 * The sessions of a contact centre that are wanted, in the order they began (then by their ids), piece by piece in the printer's form.
 * What is accepted while it is read may be in it or not. Throws TServerError when the store does not answer. SPEC RC-4.
 */
export async function* exportSessions(
  { id, store, people }: ExportedCentre,
  wanted: Wanted,
  print: Printer,
): AsyncGenerator<string> {
  const failures = new Failures(store)
  for await (const call of sessionsOf(store, wanted)) {
    if (!isWanted(call, wanted)) continue
    const session = { centre: id, call, people }
    let page = await store.readLog(call.callUUID, 0, textPage)
    // Its texts go with it: without looking again it would stand there as if nothing had been said.
    if (page.length === 0 && call.end && !(await isKept(store, call))) continue
    yield print.begin(session)
    let isFirst = true
    for (;;) {
      for (const entry of page) {
        const { from, messageID } = entry.text
        const lost = await failures.of(agentAt(call, from), call.callUUID, messageID)
        yield print.text(session, { entry, failures: lost }, isFirst)
        isFirst = false
      }
      const last = page.at(-1)
      if (!last || page.length < textPage) break
      page = await store.readLog(call.callUUID, last.position, textPage)
    }
    yield print.end(session)
  }
}

async function isKept(store: Pick<SessionStore, 'read'>, { callUUID }: Call): Promise<boolean> {
  return (await store.read({ records: [{ kind: 'call', id: callUUID }], claims: [] })).records[0] !== undefined
}

/** The sessions of a time, oldest first, or the one that is named. */
export async function* sessionsOf(
  store: Pick<SessionStore, 'listSessions' | 'read'>,
  { session, from, until }: Pick<Wanted, 'session' | 'from' | 'until'>,
): AsyncGenerator<Call> {
  if (session !== undefined) {
    const { records } = await store.read({ records: [{ kind: 'call', id: session }], claims: [] })
    if (records[0]) yield records[0].value as Call
    return
  }
  const range = { ...(from !== undefined && { from }), ...(until !== undefined && { until }), limit: sessionPage }
  let after: string | undefined
  do {
    const page = await store.listSessions({ ...range, after })
    yield* page.sessions
    after = page.next
  } while (after !== undefined)
}

function isWanted({ created, parties }: Call, { from = 0, until, person, dn }: Wanted): boolean {
  return (
    created >= from &&
    (until === undefined || created < until) &&
    (person === undefined || parties.some(({ agent }) => agent === person)) &&
    (dn === undefined || parties.some((party) => party.dn === dn))
  )
}
