import type { Directory } from '../tserver/directory.ts'
import type { CallUUID, DNumber, PersonID } from '../tserver/ids.ts'
import type { FeedEntry } from '../tserver/ports.ts'
import { type FeedEvent, textService } from '../tserver/t-event.ts'
import type { TRequest } from '../tserver/t-request.ts'
import { createTServer, type TServer, type TServerDeps } from '../tserver/t-server.ts'
import { demoDirectory } from './demo-objects.ts'
import { ManualClock } from './manual-clock.ts'
import { type MemoryStore, memoryStore } from './memory-store.ts'
import { seededIds } from './seeded-ids.ts'

type MakeCall = Extract<TRequest, { request: 'TMakeCall' }>

/** One person of a bench and what they can do, in a few words each. */
export interface BenchAgent {
  person: PersonID
  dn: DNumber
  place: string
  logIn(node?: TServer): Promise<void>
  logOut(node?: TServer): Promise<unknown>
  call(
    dn: string,
    more?: Partial<Pick<MakeCall, 'userData' | 'text' | 'reasons'>> & { node?: TServer },
  ): Promise<CallUUID>
  say(callUUID: CallUUID, body: string, messageID?: string): ReturnType<TServer['request']>
  release(callUUID: CallUUID): ReturnType<TServer['request']>
  /** The names of all events of the person's feed about calls and texts, oldest first. */
  saw(): Promise<string[]>
  feed(): Promise<readonly FeedEntry[]>
}

/** A T-Server on a memory store with a clock that is turned by hand. */
export interface Bench {
  clock: ManualClock
  store: MemoryStore
  tserver: TServer
  /** A second node on the same memory. */
  other: { store: MemoryStore; tserver: TServer }
  agent(userName: string): BenchAgent
}

export interface BenchSetUp
  extends Pick<TServerDeps, 'reach' | 'onLostNode' | 'onUnfinished' | 'onUndelivered' | 'onError'> {
  seed?: number
  directory?: Directory
}

/** Builds it; by default with the two demo agents. The nodes are `n1` and `n2`. */
export function bench({ seed = 1, directory = demoDirectory(), ...more }: BenchSetUp = {}): Bench {
  const clock = new ManualClock()
  const store = memoryStore({ epoch: `epoch${seed}`, feedLimit: 1_000, clock })
  const second = store.connect('n2')
  const shared = { directory: () => directory, clock, ...more }
  const tserver = createTServer({ ...shared, store, ids: seededIds(seed), node: 'n1' })
  const other = createTServer({ ...shared, store: second, ids: seededIds(seed + 1_000), node: 'n2' })

  function agent(userName: string): BenchAgent {
    const found = directory.personsByUserName.get(userName)
    const place = directory.places.get(found?.place ?? '')
    const dn = place?.dns[0]
    if (!found || !place || !dn) throw new Error(`${userName} has no place with a DN`)
    const person = found.id
    const feed = async () => (await store.readFeed(person, 0, 10_000)).entries
    return {
      person,
      dn,
      place: place.name,
      logIn: async (node = tserver) => {
        await node.request({ request: 'TRegisterAddress', person, thisDN: dn })
        await node.request({ request: 'TAgentLogin', person, thisDN: dn, place: place.name })
      },
      logOut: (node = tserver) => node.request({ request: 'TAgentLogout', person, thisDN: dn }),
      call: async (otherDN, { node = tserver, ...more } = {}) => {
        const made = await node.request({
          request: 'TMakeCall',
          person,
          thisDN: dn,
          otherDN: otherDN as DNumber,
          ...more,
        })
        if (!made.callUUID) throw new Error('TMakeCall made no call')
        return made.callUUID
      },
      say: (callUUID, body, messageID) =>
        tserver.request({
          request: 'TPrivateService',
          person,
          callUUID,
          serviceID: textService,
          contentType: 'text/plain',
          body,
          ...(messageID !== undefined && { messageID: messageID as never }),
        }),
      release: (callUUID) => tserver.request({ request: 'TReleaseCall', person, callUUID }),
      saw: async () =>
        (await feed())
          .map((entry) => entry.event)
          .filter(isAboutCalls)
          .map((event) => event.event),
      feed,
    }
  }

  return { clock, store, tserver, other: { store: second, tserver: other }, agent }
}

function isAboutCalls(event: FeedEvent): boolean {
  return 'callUUID' in event
}
