import {
  type Centre,
  type Ladder,
  type LadderFormat,
  readErasure,
  type TraceReader,
  type Tracer,
} from '@ringdown/facade'
import type { MsrpTap } from '@ringdown/msrp'
import {
  type Call,
  type CallUUID,
  type Clock,
  type SessionStore,
  type SipTap,
  TServerError,
} from '@ringdown/signalling'
import { type Bind, Bindings } from './bindings.ts'
import { type Gathered, gather } from './gather.ts'
import { makeLadder } from './ladder.ts'
import { OtherNodes } from './other-nodes.ts'
import { makePcap } from './pcap.ts'
import type { NodePart, Question } from './piece.ts'
import type { Recorded, RecordedEvents, SipConnection } from './recorded.ts'
import { Ring } from './ring.ts'
import { makeSvg } from './svg.ts'
import { tracedStore } from './traced-store.ts'

export interface TraceDeps {
  /** This node's name, unlike that of any other on the same stores. */
  readonly node: string
  readonly clock: Clock
  /** Milliseconds since 1970, with fractions. */
  readonly now: () => number
  /** Lets traffic pass; resolves when what waited was done. */
  readonly pause: () => Promise<void>
  /** Bytes held at most; 0: nothing is recorded. */
  readonly bytes: number
  /** By contact centre, for what other nodes hold. */
  readonly stores: ReadonlyMap<string, SessionStore>
  readonly onError: (error: unknown) => void
}

/** What passes on this node, and what was recorded of a session on all nodes. */
export interface Trace {
  readonly tracer: Tracer
  readonly reader: TraceReader
  /** For transports of SIP and MSRP; absent where nothing is recorded. */
  readonly sip: SipTap | undefined
  readonly msrp: MsrpTap | undefined
  /** The store that a centre's T-Server commits to. */
  wrapStore(centre: string, store: SessionStore): SessionStore
  readonly bind: Bind
  close(): void
}

/** An entry costs so much at least; so many fit, however small they are. */
const smallest = 400
const nothing: Gathered = { pieces: [], leftOut: 0 }
/** Ladders that are put together at a time, and those that may wait. */
const mostWaiting = 16

/** Bytes of a session that one ladder shows of each node, and one file for Wireshark: what is more takes its readers' memory and our time. */
const mostShown = { ladder: 4_194_304, pcap: 16_777_216 }

/** What an event and a request are counted as besides what they say: about what they take in the heap. SPEC TR-1: nothing is printed to find out. */
const eventSize = 300
const requestSize = 150

export function createTrace(deps: TraceDeps): Trace {
  const { node, now, bytes, stores, clock, onError, pause } = deps
  const on = bytes > 0
  const entries = Math.max(1, Math.ceil(bytes / smallest))
  const ring = new Ring<Recorded>({ bytes, entries })
  const bindings = new Bindings(entries)
  // Whatever is wrong with an entry, traffic is not to feel it.
  const add = (item: Recorded) => {
    try {
      ring.add(item, sizeOf(item), now())
    } catch (error) {
      onError(error)
    }
  }
  const connectionOf = oncePerFlow()
  const inTurn = oneAtATime(mostWaiting)
  const partOf = (question: Question): Promise<NodePart> =>
    inTurn(async () => {
      const { pieces, leftOut } = on ? await gather({ ring, bindings, pause }, question) : nothing
      const discarded = ring.discards.since(question.created)
      return { node, pieces, discarded: leftOut > 0 ? { ...discarded, leftOut } : discarded }
    })
  const others = new Map(
    [...stores].map(([id, store]) => {
      const answer = (question: Question) => partOf({ ...question, centre: id })
      return [id, new OtherNodes({ node, store, clock, answer, onError })]
    }),
  )

  // Whose texts they are is not known of bytes that have passed: all of them go. SPEC RC-14.
  const stopErasures = [...stores.values()].map((store) =>
    store.onSignal((message) => {
      if (readErasure(message)) ring.clear('erased')
    }),
  )

  const partsOf = async (centre: Centre, callUUID: CallUUID, texts: boolean, most: number) => {
    const call = await centre.tserver.anyCall(callUUID)
    if (!call) return undefined
    const question = questionOf(centre.id, call, texts, most)
    const [own, { parts = [], silent = [] } = {}] = await Promise.all([
      partOf(question),
      others.get(centre.id)?.ask(question),
    ])
    const all = [own, ...parts]
    return all.some(({ pieces }) => pieces.length > 0) ? { parts: all, silent } : undefined
  }
  const ladder = async (centre: Centre, callUUID: CallUUID, texts: boolean): Promise<Ladder | undefined> => {
    const found = await partsOf(centre, callUUID, texts, mostShown.ladder)
    return found && makeLadder({ callUUID, ...found, names: { person: (id) => nameOf(centre, id) } })
  }

  return {
    tracer: {
      on,
      request: (request) => add({ kind: 'request', at: now() - request.ms, request }),
      delivered: (delivery) => add({ kind: 'delivery', at: now(), delivery }),
    },
    reader: {
      ladder,
      file: async (centre: Centre, callUUID: CallUUID, format: LadderFormat, texts: boolean) => {
        if (format === 'svg') {
          const made = await ladder(centre, callUUID, texts)
          return made && new TextEncoder().encode(makeSvg(made))
        }
        const found = await partsOf(centre, callUUID, texts, mostShown.pcap)
        return found && makePcap(found.parts)
      },
      state: () => ({ entries: ring.size, bytes: ring.bytes, limit: bytes, discarded: ring.discards.totals }),
    },
    sip: on ? (sent, flow, bytes) => add({ kind: 'sip', at: now(), sent, flow: connectionOf(flow), bytes }) : undefined,
    msrp: on ? (sent, connection, pieces) => add({ kind: 'msrp', at: now(), sent, connection, pieces }) : undefined,
    wrapStore: (centre, store) => {
      if (!on) return store
      // Its consequences may be on the wire before the commit's answer is here: it happened when it was decided.
      return tracedStore(store, now, (feeds, at) => add({ kind: 'tevent', at, centre, feeds }))
    },
    bind: on ? (callUUID, dn, name) => bindings.bind(callUUID, dn, name) : () => undefined,
    close: () => {
      for (const stop of stopErasures) stop()
      for (const each of others.values()) each.close()
    },
  }
}

/** What is kept of a flow, made once: addresses and names of UDP flows are put together when they are asked for. */
function oncePerFlow(): (flow: TappedFlow) => SipConnection {
  const known = new WeakMap<TappedFlow, SipConnection>()
  return (flow) => {
    const before = known.get(flow)
    if (before) return before
    const { id, transport, local, remote } = flow
    const made = { id, transport, local, remote }
    known.set(flow, made)
    return made
  }
}

type TappedFlow = Parameters<SipTap>[1]

function questionOf(centre: string, call: Call, texts: boolean, most: number): Question {
  const { callUUID, created, end, parties } = call
  const persons = parties.flatMap(({ agent }) => (agent === null ? [] : [agent]))
  return { centre, callUUID, created, ...(end && { ended: end.at }), persons, texts, most }
}

function nameOf(centre: Centre, id: string): string {
  for (const person of centre.directory().persons.values()) if (person.id === id) return person.userName
  return id
}

/** About what an entry keeps in memory, bytes. */
function sizeOf(item: Recorded): number {
  switch (item.kind) {
    case 'sip':
      return item.bytes.length
    case 'msrp':
      return item.pieces.reduce((sum, piece) => sum + piece.length, 0)
    case 'tevent':
      return sizeOfEvents(item.feeds)
    case 'delivery':
      return item.delivery.content.length
    case 'request': {
      const { request, answer } = item.request
      return requestSize + (request instanceof Uint8Array ? request.length : sizeOfValue(request)) + answer.length
    }
  }
}

function sizeOfEvents(feeds: RecordedEvents['feeds']): number {
  let size = 0
  for (const { event } of feeds) {
    size += eventSize
    if ('userData' in event) for (const value of Object.values(event.userData)) size += sizeOfValue(value)
    if ('extensions' in event) {
      if ('text' in event.extensions) size += event.extensions.text?.body.length ?? 0
      if ('client' in event.extensions) size += event.extensions.client.content.length
    }
  }
  return size
}

/** What is nested deeper is a client’s joke: it is small, for bodies have a limit. */
const deepest = 40

/** User data may be long: T-Library allows 64 KiB of it. */
function sizeOfValue(value: unknown, depth = 0): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null || depth > deepest) return 8
  let size = 0
  for (const each of Object.values(value)) size += sizeOfValue(each, depth + 1)
  return size
}

/** Runs one after the other; with so many waiting, one more is refused. */
function oneAtATime(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  return <T>(work: () => Promise<T>) => {
    if (waiting >= most) return Promise.reject(new TServerError('TERR_RES_UNAVAIL', 'too many ladders at once'))
    waiting++
    const turn = last.then(work).finally(() => {
      waiting--
    })
    last = turn.catch(() => undefined)
    return turn
  }
}
