import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { type Centre, createApp, defaultFacadeOptions, type FacadeOptions, hashPassword } from '@ringdown/facade'
import { createTServer, type PersonID, type TRequest, textService } from '@ringdown/signalling'
import { demoDirectory, ManualClock, memoryStore, seededIds } from '@ringdown/signalling/testing'

/** Everybody who can take part: user name, shown name and DN. The engine answers for nobody, so invitations wait. */
const people = [
  ['alice', 'Alice', '7001'],
  ['bob', 'Bob', '7002'],
  ['carol', 'Carol', '7003'],
  ['dave', 'Dave', '7004'],
] as const

/** The users of the exchanges; everybody's password is `secret`. */
export const users: readonly string[] = people.map(([name]) => name)

const annex = { TServer: { multimedia: 'true', 'sip-signaling-chat': 'none', 'auto-answer': 'false' } }
const passwordHash = await hashPassword('secret', { ln: 1, r: 1, p: 1 })

/** The contact centre of the reference's walk-through: `example\alice` is `sip:alice@example.com`. */
export const exampleCentre = {
  id: 'example',
  switches: [{ name: 'S' }],
  dns: people.map(([, , number]) => ({ number, switch: 'S', annex })),
  places: people.map(([, , number]) => ({ name: `P${number}`, dns: [number] })),
  agentLogins: people.map(([, , number]) => ({ code: `L${number}`, switch: 'S' })),
  persons: people.map(([userName, firstName, number]) => {
    return { userName, firstName, passwordHash, place: `P${number}`, agentLogins: [`L${number}`] }
  }),
}
const directory = demoDirectory(exampleCentre)

type Does = 'logsIn' | 'calls' | 'answers' | 'says' | 'releases'

/** An engine to play at: where it is, and what can be done and seen behind the API's back. */
export interface Site {
  /** `http://host:port` of each node. */
  addresses: readonly string[]
  /** Lets so many seconds pass. */
  pass(seconds: number): Promise<void>
  /** What somebody does without this facade; `what` is a text or whom they call. */
  elsewhere(user: string, does: Does, what: string): Promise<void>
  /** Everything anybody can be told: how far each feed has come, what session each person is in, where they are logged in. */
  state(): Promise<unknown>
  close(): Promise<void>
}

/** The whole engine behind real ports, on a store in memory and a clock that stands. */
export async function openSite(
  ucAjax: Partial<FacadeOptions['ucAjax']> = {},
  { nodes = 1, feedLimit = 1_000 } = {},
): Promise<Site & { clock: ManualClock }> {
  const clock = new ManualClock()
  const first = memoryStore({ epoch: 'e1', feedLimit, clock })
  const options = { ucAjax: { ...defaultFacadeOptions.ucAjax, domain: 'example.com', ...ucAjax } }
  const opened = await Promise.all(
    Array.from({ length: nodes }, async (_, i) => {
      const node = `n${i + 1}`
      const store = i === 0 ? first : first.connect(node)
      const tserver = createTServer({ store, directory: () => directory, clock, ids: seededIds(11 + i), node })
      tserver.start()
      const centre: Centre = { id: directory.id, directory: () => directory, store, tserver }
      const app = await createApp({ centres: [centre], clock, node, options })
      await app.listen({ host: '127.0.0.1', port: 0 })
      return { app, tserver, address: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` }
    }),
  )
  const tserver = opened[0]?.tserver
  if (!tserver) throw new Error('a site needs a node')

  return {
    addresses: opened.map(({ address }) => address),
    clock,
    async pass(seconds) {
      for (let i = 0; i < seconds; i++) {
        clock.advance(1_000)
        await turn() // what falls due asks the store
      }
      for (let i = 0; i < 20; i++) await turn()
    },
    // Another facade says nothing of sessions and rids; to the T-Server that is all the difference.
    async elsewhere(user, does, what) {
      for (const request of requests(user, does, what))
        await tserver.request({ ...request, person: personOf(user), ...(await inSession(user, request)) } as TRequest)
    },
    state: () =>
      Promise.all(
        users.map(async (user) => {
          const person = personOf(user)
          const call = await tserver.session(person)
          return { user, ...(await first.feedEnd(person)), call: call?.callUUID, agent: await tserver.agent(person) }
        }),
      ),
    async close() {
      for (const { app } of opened) await app.close()
      for (const one of opened) await one.tserver.stop()
    },
  }

  async function inSession(user: string, { request }: { request: string }) {
    if (request === 'TRegisterAddress' || request === 'TAgentLogin' || request === 'TMakeCall') return {}
    const call = await tserver?.session(personOf(user))
    if (!call) throw new Error(`${user} is in no session`)
    return { callUUID: call.callUUID }
  }
}

function personOf(user: string): PersonID {
  const person = directory.personsByUserName.get(user)
  if (!person) throw new Error(`no person ${user}`)
  return person.id
}

type Asked = { request: TRequest['request'] } & Readonly<Record<string, string | number>>

function requests(user: string, does: Does, what: string): readonly Asked[] {
  const thisDN = dnOf(user)
  switch (does) {
    case 'logsIn': {
      const login: Asked = { request: 'TAgentLogin', thisDN, place: `P${thisDN}` }
      return [{ request: 'TRegisterAddress', thisDN }, login]
    }
    case 'calls':
      return [{ request: 'TMakeCall', thisDN, otherDN: dnOf(what) }]
    case 'answers':
      return [{ request: 'TAnswerCall' }]
    case 'says':
      return [{ request: 'TPrivateService', serviceID: textService, contentType: 'text/plain', body: what }]
    case 'releases':
      return [{ request: 'TReleaseCall' }]
  }
}

function dnOf(user: string): string {
  const found = people.find(([name]) => name === user)
  if (!found) throw new Error(`no DN of ${user}`)
  return found[2]
}
