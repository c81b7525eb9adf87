import {
  type CallUUID,
  type Directory,
  type DNumber,
  noticeServices,
  type TServer,
  textService,
} from '@ringdown/signalling'
import type { Bench, BenchAgent } from '@ringdown/signalling/testing'
import { Addresses } from '../uc-ajax/addresses.ts'
import type { CwaEvent, NumberedEvent } from '../uc-ajax/event.ts'
import { contentTypeOf } from '../uc-ajax/format.ts'
import { beginAt, type Introduction, introduce } from '../uc-ajax/introduce.ts'
import { project } from '../uc-ajax/project.ts'
import type { Projection, Viewer } from '../uc-ajax/projection.ts'
import { type News, tagged, textID } from '../uc-ajax/tag.ts'

/** One UC AJAX session of a person, without HTTP: T-requests as the facade makes them, and the projection of the feed. */
export interface CwaView {
  readonly sid: number
  readonly viewer: Viewer
  /** The projection at the feed's end. */
  now(): Promise<Projection>
  /** Events behind a number, up to the feed's end, in short: `3 imSessionState connecting`. */
  since(eid: number): Promise<string[]>
  events(): Promise<readonly NumberedEvent[]>
  initiate(rid: string, to: string, more?: Initiate): Promise<CallUUID>
  accept(rid: string): Promise<void>
  terminate(rid: string): Promise<void>
  say(rid: string, content: string, formats?: readonly string[]): Promise<void>
  compose(rid: string, composing: boolean): Promise<void>
  tell(news: News): Promise<void>
}

export interface Initiate {
  content?: string
  formats?: readonly string[]
  subject?: string
  confId?: number
  rest?: readonly string[]
  peer?: string
}

export interface ViewSetUp {
  bench: Pick<Bench, 'tserver' | 'clock'>
  directory: Directory
  agent: BenchAgent
  sid: number
  /** By default the session begins with nothing, at the feed's beginning. */
  start?: Introduction
  offset?: number
  node?: TServer
}

export function cwaView({ bench, directory, agent, sid, start, offset = 0, node }: ViewSetUp): CwaView {
  const tserver = node ?? bench.tserver
  const { person, dn: thisDN } = agent
  const addresses = new Addresses({ id: 'demo', directory: () => directory }, { domain: null, persons: 'user' })
  const viewer: Viewer = { sid, participant: (dn, who) => addresses.participant(dn, who) }
  const begin = start ?? { rid: '1', talk: null, texts: [] }
  const told: CwaEvent[] = [...introduce(begin)]
  let at = beginAt(begin, offset)

  async function now(): Promise<Projection> {
    for (const entry of await agent.feed()) {
      const { after, events } = project(at, entry, viewer)
      at = after
      told.push(...events)
    }
    return at
  }

  async function onCall() {
    const { talk } = await now()
    if (!talk || talk.elsewhere) throw new Error('there is no conversation')
    return { confId: talk.confId, on: { person, callUUID: talk.callUUID, thisDN } }
  }

  async function tell(news: News): Promise<void> {
    const client = { id: `cwa:${sid}`, content: JSON.stringify(news) }
    await tserver.request({ request: 'TSendUserEvent', person, client })
  }

  return {
    sid,
    viewer,
    now,
    events: async () => {
      await now()
      return told.map((event, i) => ({ eid: i + 1, event }))
    },
    since: async (eid) => {
      await now()
      return told.map((event, i) => `${i + 1} ${brief(event)}`).slice(eid)
    },
    initiate: async (rid, to, { content = 'hi', formats = [], subject, confId, rest, peer } = {}) => {
      const number = confId ?? (await now()).highest + 1
      const contentType = contentTypeOf(formats)
      const { callUUID } = await tserver.request({
        request: 'TMakeCall',
        person,
        thisDN,
        otherDN: to as DNumber,
        ...(subject !== undefined && { userData: { Subject: subject } }),
        text: { contentType, body: content, messageID: textID(sid, number, rid, contentType + content) },
        ...tagged({ sid, rid, confId: number, ...(rest && { rest }), ...(peer !== undefined && { peer }) }),
      })
      if (!callUUID) throw new Error('TMakeCall made no call')
      return callUUID
    },
    accept: async (rid) => {
      const { on } = await onCall()
      await tserver.request({ request: 'TAnswerCall', ...on, ...tagged({ sid, rid }) })
    },
    terminate: async (rid) => {
      const { on } = await onCall()
      await tserver.request({ request: 'TReleaseCall', ...on, ...tagged({ sid, rid }) })
    },
    say: async (rid, content, formats = []) => {
      const { confId, on } = await onCall()
      const contentType = contentTypeOf(formats)
      const messageID = textID(sid, confId, rid, contentType + content)
      const text = { serviceID: textService, contentType, body: content, messageID }
      await tserver.request({ request: 'TPrivateService', ...on, ...text })
    },
    compose: async (rid, composing) => {
      const { on } = await onCall()
      const notice = { serviceID: noticeServices.composing, contentType: '', body: composing ? 'active' : 'idle' }
      await tserver.request({ request: 'TPrivateService', ...on, ...notice })
      await tell({ news: 'succeeded', rid })
    },
    tell,
  }
}

/** An event in one line: what it is, what it is about, its conversation. */
export function brief(event: CwaEvent): string {
  const { event: name, confId, ...more } = { confId: undefined, ...event }
  const words = 'failure' in more ? [more.rid, more.failure.code, more.failure.sip?.code] : Object.values(more)
  const about = words
    .filter((one) => one !== undefined)
    .map((one) => (typeof one === 'object' ? JSON.stringify(one) : one))
  return [confId === undefined ? name : `[${confId}] ${name}`, ...about].join(' ')
}
