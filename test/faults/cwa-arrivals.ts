/** What a queue of UC AJAX says, in the words of Web Services, so that one checker judges both. */
import type { ImSession, Notification, SessionState } from '@ringdown/client'
import type { Arrival, History, LoggedText, Queue, QueueEvent, Told } from './history.ts'

/** Where a text stands. Every text of a history is different, so its words are enough. */
export interface Place {
  session: string
  line: LoggedText
}

export function placesOf(transcripts: History['transcripts']): Map<string, Place> {
  const places = new Map<string, Place>()
  for (const [session, lines] of transcripts) for (const line of lines) places.set(line.text, { session, line })
  return places
}

/** What the request behind an outcome has said. */
export function textOf({ asked }: Queue, { sid, event }: QueueEvent): string | undefined {
  if (event.told === 'outcome') return event.succeeded ? asked.get(`${sid} ${event.rid}`)?.text : undefined
  if (event.told === 'text') return event.text
  return event.told === 'invited' && event.text !== '' ? event.text : undefined
}

/** Which conversation an event is about: `<sid> <confId>`. */
export function conversationOf({ asked }: Queue, { sid, event }: QueueEvent): string | undefined {
  const confId = 'confId' in event ? event.confId : event.told === 'outcome' && asked.get(`${sid} ${event.rid}`)?.confId
  return typeof confId === 'number' ? `${sid} ${confId}` : undefined
}

/**
 * The session behind each conversation: clients of UC AJAX are told numbers of their own, so the texts have to tell. The first one
 * decides; one that stands in another session is for the checker to find.
 */
export function sessionsBehind(queue: Queue, places: ReadonlyMap<string, Place>): Map<string, string> {
  const sessions = new Map<string, string>()
  const note = (conversation: string | undefined, text: string | undefined) => {
    const place = text === undefined ? undefined : places.get(text)
    if (conversation !== undefined && place && !sessions.has(conversation)) sessions.set(conversation, place.session)
  }
  for (const event of queue.events) note(conversationOf(queue, event), textOf(queue, event))
  for (const [key, { text, confId }] of queue.asked)
    if (confId !== undefined) note(`${key.split(' ', 1)[0]} ${confId}`, text)
  return sessions
}

const stateNames = {
  connecting: 'Initiating',
  incoming: 'Alerting',
  connected: 'Talking',
  terminated: 'Completed',
} as const satisfies Record<(Told & { told: 'state' })['state'], SessionState>

/**
 * Everything that was told, as notifications: a text of one's own arrives when its request is told to have succeeded. A new session
 * of the client begins with a gap: what it is told again is for the checker to judge.
 */
export function arrivalsOf(queue: Queue, places: ReadonlyMap<string, Place>): Arrival[] {
  const sessions = sessionsBehind(queue, places)
  const peers = new Map<string, string>()
  const arrivals: Arrival[] = []
  let last: number | undefined
  for (const told of queue.events) {
    const { at, sid, eid, event } = told
    if (last !== undefined && sid !== last) arrivals.push({ at, notification: gap(last, sid), position: `${sid}:0` })
    last = sid
    const conversation = conversationOf(queue, told)
    const id = conversation === undefined ? '' : (sessions.get(conversation) ?? `conversation ${conversation}`)
    if (event.told === 'invited') peers.set(id, event.by)
    if (event.told === 'participant') peers.set(id, event.uri)
    const text = textOf(queue, told)
    const notification =
      event.told === 'state'
        ? stateChange(id, stateNames[event.state], peers.get(id))
        : text === undefined
          ? undefined
          : logUpdate(text, places.get(text))
    if (notification) arrivals.push({ at, notification, position: `${sid}:${eid}` })
  }
  return arrivals
}

const gap = (from: number, to: number): Notification => {
  return { messageType: 'IMSessionGapMessage', notificationType: 'Gap', from: `${from}`, to: `${to}` }
}

function stateChange(id: string, state: SessionState, peer: string | undefined): Notification {
  const participants =
    peer === undefined ? [] : [{ digits: peer, phoneNumber: peer, formattedPhoneNumber: peer, e164Number: peer }]
  const imSession: ImSession = { id, state, participants, capabilities: [], path: `/im-sessions/${id}`, uri: '' }
  return { messageType: 'IMSessionStateChangeMessage', notificationType: 'StatusChange', imSession }
}

// Clients of UC AJAX are told neither ids nor times of texts; what the log does not have keeps its words as its id.
function logUpdate(text: string, place: Place | undefined): Notification {
  return {
    messageType: 'IMLogUpdateMessage',
    notificationType: 'NewMessage',
    imSessionPath: `/im-sessions/${place?.session ?? 'unknown'}`,
    message: text,
    messageId: place?.line.messageId ?? `words: ${text}`,
    from: place?.line.from ?? '',
    timestamp: '',
  }
}
