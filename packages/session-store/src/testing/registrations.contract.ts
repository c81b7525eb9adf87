import {
  authenticate,
  DigestAuthenticator,
  type DNumber,
  defaultRegistrarLimits,
  onRegister,
  Peers,
  Registrar,
  type SessionStore,
  SharedKey,
} from '@ringdown/signalling'
import { answerTo, demoDirectory, demoObjects, incomingRequest, replyHeaders } from '@ringdown/signalling/testing'
import { describe, expect, test, vi } from 'vitest'
import { systemClock } from './system-clock.ts'

/** Opens one more node on the same memory. */
export type OpenNode = (node: string) => Promise<SessionStore>

const number = '7001' as DNumber
const password = 'secret'
const objects = demoObjects()
const directory = demoDirectory({
  ...objects,
  dns: objects.dns.map((dn) => (dn.number === number ? { ...dn, annex: { TServer: { password } } } : dn)),
})

/** A node that takes REGISTERs of 7001, on a real store. */
async function nodeOn(open: OpenNode, node: string) {
  const store = await open(node)
  const clock = systemClock
  const limits = defaultRegistrarLimits
  const told: string[] = []
  const onRegistered = (dn: string) => told.push(dn)
  const registrar = new Registrar({ store, clock, node, limits, hasFlow: () => true, onRegistered })
  const key = new SharedKey({ store, clock })
  const digest = new DigestAuthenticator({ store, clock, realm: 'demo', key })
  const peers = new Peers({ directory: () => directory, resolve: async () => [], clock })
  const isLocal = (host: string) => host === 'im.example'
  const identify = authenticate({ directory: () => directory, digest, peers, registrar, node, isLocal })
  const register = onRegister({ directory: () => directory, registrar, key, clock, node, limits })
  let cseq = 0
  const send = async (lines: readonly string[] = []) => {
    const options = { method: 'REGISTER', from: `sip:${number}@im.example`, callID: `from-${node}`, cseq: ++cseq }
    const incoming = incomingRequest({ ...options, lines })
    const sender = await identify(incoming)
    return 'reply' in sender ? sender.reply : register(incoming, sender.identity)
  }
  const close = async () => {
    registrar.close()
    await store.close()
  }
  return { registrar, told, send, close }
}

const contact = (host: number) => `Contact: <sip:7001@192.0.2.${host}>;expires=600`

/** What digest and registrar ask of a store that nodes share and that outlives them: SPEC SR-3, SR-5, SR-21, SR-26, SR-33 of signalling. */
export function registrationsContract(name: string, newMemory: () => Promise<OpenNode>): void {
  describe(`registrations: ${name}`, () => {
    test('[SR-3] [SR-5] what one node asks another accepts, once; and a restart changes nothing', async () => {
      const open = await newMemory()
      const [a, b] = [await nodeOn(open, 'a'), await nodeOn(open, 'b')]
      const challenge = await a.send()
      const credential = (nc: number) => answerTo(challenge, { user: number, password, nc })
      expect([challenge.status, (await b.send([contact(1), credential(1)])).status]).toEqual([401, 200])
      for (const node of [a, b]) {
        const replayed = await node.send([contact(2), credential(1)])
        expect(replyHeaders(replayed, 'WWW-Authenticate')[0]).toContain('stale=true')
      }
      await a.close()
      await b.close()
      const later = await nodeOn(open, 'later')
      expect((await later.send([credential(1)])).status).toBe(401)
      expect((await later.send([credential(2)])).status).toBe(200)
      await later.close()
    })

    test('[SR-21] [SR-26] what several nodes register at once all of them see, and a restart loses none', async () => {
      const open = await newMemory()
      const nodes = [await nodeOn(open, 'a'), await nodeOn(open, 'b')]
      const [a] = nodes
      const challenge = await a?.send()
      if (!a || !challenge) throw new Error('there are two nodes')
      const registers = Array.from({ length: 6 }, (_, i) => {
        const line = answerTo(challenge, { user: number, password, nc: i + 1 })
        return nodes[i % 2]?.send([contact(i), line])
      })
      expect((await Promise.all(registers)).map((reply) => reply?.status)).toEqual(Array(6).fill(200))
      const bindings = await a.registrar.bindings(number)
      expect(bindings).toHaveLength(6)
      for (const node of nodes) {
        expect(await node.registrar.bindings(number)).toEqual(bindings)
        await node.close()
      }
      const later = await nodeOn(open, 'later')
      expect(await later.registrar.bindings(number)).toEqual(bindings)
      await later.close()
    })

    test('[SR-33] other nodes are told of a new address', async () => {
      const open = await newMemory()
      const [a, b] = [await nodeOn(open, 'a'), await nodeOn(open, 'b')]
      let host = 0
      // A hint may be lost while a node still subscribes; the next one is not.
      await vi.waitFor(async () => {
        const line = answerTo(await a.send(), { user: number, password })
        expect((await a.send([contact(host++ % 9), line])).status).toBe(200)
        await vi.waitFor(() => expect(b.told).toContain(number), { timeout: 500, interval: 5 })
      }, 5_000)
      await a.close()
      await b.close()
    })
  })
}
