import type { SeenEvent } from '../conformance/uc-ajax/client.ts'
import { arrivalsOf, type Place, placesOf } from './cwa-arrivals.ts'
import type { Arrival, History, Journal, Queue, Told } from './history.ts'

/** What one client of UC AJAX did and was told. Its arrivals are read from its queue with the help of the log, which alone knows ids. */
export class CwaJournal implements Journal {
  readonly client: string
  readonly dn: string
  readonly whole: boolean
  readonly requests: Journal['requests'] = []
  readonly queue: Queue & { broken: string[] } = { events: [], asked: new Map(), broken: [] }
  #places: ReadonlyMap<string, Place> = new Map()
  #arrivals: { of: string; are: Arrival[] } = { of: '', are: [] }

  constructor(client: string, dn: string, whole: boolean) {
    this.client = client
    this.dn = dn
    this.whole = whole
  }

  learn(transcripts: History['transcripts']): void {
    this.#places = placesOf(transcripts)
  }

  get arrivals(): Arrival[] {
    const of = `${this.queue.events.length} ${this.#places.size}`
    if (this.#arrivals.of !== of) this.#arrivals = { of, are: arrivalsOf(this.queue, this.#places) }
    return this.#arrivals.are
  }

  /** For traces; a getter of a class is in no JSON. */
  toJSON() {
    const { client, dn, whole, requests, queue, arrivals } = this
    return { client, dn, whole, requests, queue, arrivals }
  }

  /** Writes down what a poll brought. `digitsOf` knows whose a URI is. */
  note(sid: number, event: SeenEvent, digitsOf: (uri: string) => string): void {
    this.queue.events.push({ at: performance.now(), sid, eid: event.eid, event: toldOf(event, digitsOf) })
  }
}

function toldOf(event: SeenEvent, digitsOf: (uri: string) => string): Told {
  switch (event.event) {
    case 'requestSucceeded':
      return { told: 'outcome', rid: event.rid, succeeded: true }
    case 'requestFailed': {
      const { code, detail, sip } = event.error
      return { told: 'outcome', rid: event.rid, succeeded: false, detail: `${code} ${sip?.code ?? ''} ${detail}` }
    }
    case 'imSessionReceived': {
      const { confId, inviter, content } = event
      return { told: 'invited', confId, by: digitsOf(inviter.uri), text: content }
    }
    case 'messageReceived':
      return { told: 'text', confId: event.confId, sender: digitsOf(event.sender), text: event.content }
    case 'imSessionState':
      return { told: 'state', confId: event.confId, state: event.state }
    case 'participant':
      return { told: 'participant', confId: event.confId, uri: digitsOf(event.uri) }
    default:
      return { told: 'other', what: JSON.stringify(event) }
  }
}
