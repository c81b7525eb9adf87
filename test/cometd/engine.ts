import type { AddressInfo } from 'node:net'
import {
  type Centre,
  type CometdMeter,
  createApp,
  defaultFacadeOptions,
  type FacadeOptions,
  hashPassword,
} from '@ringdown/facade'
import { type Clock, createTServer, type PersonID, textService } from '@ringdown/signalling'
import { demoDirectory, demoObjects, memoryStore, seededIds } from '@ringdown/signalling/testing'

const clock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/** A node that serves HTTP on loopback. */
export interface Node {
  port: number
  /** The address a client gives to CometD, with anna's or another's credentials in it where a websocket needs them. */
  url(user?: string): string
  /** How many CometD sessions it serves. */
  clients(): number
  /** How many characters of events it keeps, which no client has confirmed by its next connect. */
  unconfirmed(): number
  close(): Promise<void>
}

export type Engine = Awaited<ReturnType<typeof startEngine>>

/** The facades and the T-Server on a store in memory, with the machine's clock; more nodes on the same memory on request. */
export async function startEngine(cometd: Partial<FacadeOptions['cometd']> = {}, feedLimit = 1_000) {
  const names = ['anna', 'ben', 'admin']
  const hashes = await Promise.all(names.map((name) => hashPassword(name, { ln: 1, r: 1, p: 1 })))
  const directory = demoDirectory(demoObjects(Object.fromEntries(names.map((name, i) => [name, hashes[i] as string]))))
  const store = memoryStore({ epoch: 'e1', feedLimit, clock })
  const tserver = createTServer({ store, directory: () => directory, clock, ids: seededIds(3), node: 'n1' })
  const person = (name: string) => directory.personsByUserName.get(name)?.id as PersonID
  const dnOf = { anna: '7001', ben: '7002' } as const
  const nodes: Node[] = []

  async function node(name: string): Promise<Node> {
    const nodeStore = name === 'n1' ? store : store.connect(name)
    const centre: Centre = { id: directory.id, directory: () => directory, store: nodeStore, tserver }
    const options = { cometd: { ...defaultFacadeOptions.cometd, ...cometd } }
    let clients = 0
    let unconfirmed = 0
    const cometdMeter: CometdMeter = {
      clients: (count) => {
        clients = count
      },
      queuedBytes: (count) => {
        unconfirmed = count
      },
      gap: () => undefined,
      delivered: () => undefined,
    }
    const app = await createApp({ centres: [centre], clock, node: name, options, cometdMeter })
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const made: Node = {
      port,
      url: (user) => `http://${user === undefined ? '' : `${user}:${user}@`}127.0.0.1:${port}/api/v2/notifications`,
      clients: () => clients,
      unconfirmed: () => unconfirmed,
      close: () => app.close(),
    }
    nodes.push(made)
    return made
  }

  for (const [name, dn] of Object.entries(dnOf)) {
    const [who, thisDN] = [person(name), dn as never]
    await tserver.request({ request: 'TRegisterAddress', person: who, thisDN })
    await tserver.request({ request: 'TAgentLogin', person: who, thisDN, place: `Place_${dn}` })
  }
  let callUUID: string | undefined
  const first = await node('n1')
  return {
    first,
    node,
    store,
    person,
    /** Ben says something to Anna; the first time he calls her before. */
    async say(...bodies: string[]): Promise<void> {
      const ben = person('ben')
      if (callUUID === undefined) {
        const made = await tserver.request({
          request: 'TMakeCall',
          person: ben,
          thisDN: dnOf.ben as never,
          otherDN: dnOf.anna as never,
        })
        callUUID = made.callUUID
      }
      for (const body of bodies)
        await tserver.request({
          request: 'TPrivateService',
          person: ben,
          callUUID: callUUID as never,
          serviceID: textService,
          contentType: 'text/plain',
          body,
        })
    },
    /** Anna's feed holds news for a client of another facade. */
    async tell(content: string): Promise<void> {
      const client = { id: 'another', content }
      await tserver.request({ request: 'TSendUserEvent', person: person('anna'), client })
    },
    async close(): Promise<void> {
      await Promise.all(nodes.map((one) => one.close()))
      await tserver.stop()
    },
  }
}
