import type { RequestHead } from '../message/frame.ts'
import { headerOf } from '../message/frame.ts'
import { parseMsrpUri } from '../message/msrp-uri.ts'
import { Connection } from '../session/connection.ts'
import { type MsrpLimits, msrpLimits } from '../session/limits.ts'
import type { OpenSession, RemoteEnd } from '../session/ports.ts'
import { Session } from '../session/session.ts'
import type { Drop, MsrpTap, Wire } from '../session/wire.ts'
import { type Frame, readFrames } from './frames.ts'
import { ManualClock, settled } from './manual-clock.ts'
import { type Recorder, recorder } from './recorder.ts'

/** Where the peer is, in every bench. */
export const peerUri = 'msrp://peer.example:2855/peersession;tcp'

/** What a SEND of the peer has beside its paths; a string is a text message's whole body. */
export interface PeerSend {
  readonly tid?: string
  readonly id?: string
  /** null: no body. */
  readonly body?: string | Uint8Array | null
  readonly range?: string
  readonly flag?: string
  readonly type?: string
  readonly headers?: string
  readonly method?: string
  readonly to?: string
  readonly from?: string
}

/** A connection whose other end is the test. */
export interface PeerEnd {
  readonly connection: Connection
  /** Everything written since it was last asked. */
  written(): Promise<Frame[]>
  /** The same in one line each: `200 <tid>`, `SEND 1-5/5 $`, `REPORT 200 1-5/5`. */
  told(): Promise<string[]>
  receive(bytes: string | Uint8Array): void
  /** Sends a SEND of the peer to the session; the transaction id. */
  send(session: Session, what?: PeerSend): string
  /** Answers a request of ours. */
  answer(frame: Frame, status?: number, comment?: string): void
  /** What the peer can write no more until `drain`. */
  full: boolean
  drain(): void
  readonly state: { paused: boolean; closed: 'no' | 'flush' | 'now'; fingerprints: string[] }
}

/** Sessions and connections without sockets, on a clock that is turned by hand. */
export interface Bench {
  readonly clock: ManualClock
  readonly drops: Drop[]
  connection(): PeerEnd
  /** Opens a session; its user keeps what it is told. */
  open(more?: Partial<OpenSession>): { session: Session; user: Recorder }
  /** A session that the peer, who is active, has bound with a SEND over the connection. */
  bound(
    more?: Partial<OpenSession>,
    remote?: Partial<RemoteEnd>,
    over?: PeerEnd,
  ): Promise<{ session: Session; user: Recorder; peer: PeerEnd }>
  /** The next connections that sessions make. */
  readonly dialled: { path: readonly string[] }[]
  next: PeerEnd | undefined
}

/** Builds it; limits that are not given are the usual ones. */
export function bench(limits: Partial<MsrpLimits> = {}, tap?: MsrpTap): Bench {
  const clock = new ManualClock()
  const sessions = new Map<string, Session>()
  const drops: Drop[] = []
  const all: MsrpLimits = { ...msrpLimits, ...limits }
  let count = 0
  let tids = 0
  // No randomness: each call another number.
  const random = (bytes: number) => {
    const made = Buffer.alloc(bytes)
    made.writeUInt32BE(++count, bytes - 4)
    return made
  }

  function connection(): PeerEnd {
    const out: Uint8Array[] = []
    const state: PeerEnd['state'] = { paused: false, closed: 'no', fingerprints: [] }
    const wire: Wire = {
      write: (frames) => {
        out.push(...frames)
        return !end.full
      },
      pause: () => {
        state.paused = true
      },
      resume: () => {
        state.paused = false
      },
      close: (how) => {
        state.closed = how
      },
      remote: '192.0.2.1:9',
      ends: {
        transport: 'tcp',
        local: { address: '192.0.2.2', port: 2855 },
        remote: { address: '192.0.2.1', port: 9 },
      },
      hasFingerprint: (wanted) => wanted.some((one) => state.fingerprints.includes(one)),
    }
    const made = new Connection({
      wire,
      clock,
      limits: all,
      find: (id) => sessions.get(id),
      onDrop: (drop) => drops.push(drop),
      tap,
    })
    const written = async () => {
      await settled()
      const { frames, fault } = readFrames(out.splice(0))
      if (fault) throw new Error(fault.why)
      return frames
    }
    const end: PeerEnd = {
      connection: made,
      written,
      told: async () => (await written()).map(inShort),
      receive: (bytes) => made.onBytes(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, false),
      send: (session, what = {}) => {
        const { tid = `tid${String(++tids).padStart(5, '0')}`, id = 'm-0001', body = 'hello', flag = '$' } = what
        const { range, type = 'text/plain', headers = '', method = 'SEND', from = peerUri } = what
        const { to = session.path.at(-1) ?? '' } = what
        const paths = `To-Path: ${to}\r\nFrom-Path: ${from}\r\n`
        const byteRange = range === undefined ? '' : `Byte-Range: ${range}\r\n`
        const messageID = id === '' ? '' : `Message-ID: ${id}\r\n`
        const content = body === null ? '' : `${type === '' ? '' : `Content-Type: ${type}\r\n`}\r\n`
        const head = Buffer.from(`MSRP ${tid} ${method}\r\n${paths}${messageID}${byteRange}${headers}${content}`)
        const tail = Buffer.from(`${body === null ? '' : '\r\n'}-------${tid}${flag}\r\n`)
        end.receive(Buffer.concat([head, Buffer.from(body ?? ''), tail]))
        return tid
      },
      answer: ({ head }, status = 200, comment = 'OK') => {
        const { tid, toPath, fromPath } = head
        end.receive(
          `MSRP ${tid} ${status} ${comment}\r\nTo-Path: ${fromPath}\r\nFrom-Path: ${toPath}\r\n-------${tid}$\r\n`,
        )
      },
      full: false,
      drain: () => {
        end.full = false
        made.onDrain()
      },
      state,
    }
    return end
  }

  function open(more: Partial<OpenSession> = {}) {
    const user = recorder()
    const sessionID = `our${String(++count).padStart(8, '0')}`
    const ownUri = `msrp://us.example:2855/${sessionID};tcp`
    const own = parseMsrpUri(ownUri)
    if (!own) throw new Error('not a URI')
    const session = new Session({
      options: { transport: 'tcp', user, maxSize: 100_000, ...more },
      own,
      ownUri,
      usePath: [],
      clock,
      random,
      limits: all,
      connect: async ({ path }) => {
        made.dialled.push({ path })
        if (!made.next) throw new Error('refused')
        return made.next.connection
      },
      onSessmatch: ({ wire }) => drops.push({ why: 'sessmatch', remote: wire.remote }),
      onEnd: () => sessions.delete(sessionID),
    })
    sessions.set(sessionID, session)
    return { session, user }
  }

  const made: Bench = {
    clock,
    drops,
    connection,
    open,
    bound: async (more, remote = {}, over = connection()) => {
      const { session, user } = open(more)
      await session.start({ path: [peerUri], role: 'passive', ...remote })
      over.send(session, { body: null, range: '1-0/0', id: 'first-send' })
      await over.written()
      return { session, user, peer: over }
    },
    dialled: [],
    next: undefined,
  }
  return made
}

/** A header of a frame. */
export const header = (frame: Frame | undefined, name: string) => frame && headerOf(frame.head, name)

function inShort({ head, flag }: Frame): string {
  if (head.kind === 'response') return `${head.status} ${head.tid}`
  const what = head as RequestHead
  const status = headerOf(what, 'status')
  return [what.method, status?.split(' ')[1], headerOf(what, 'byte-range'), status === undefined ? flag : undefined]
    .filter((part) => part !== undefined)
    .join(' ')
}
