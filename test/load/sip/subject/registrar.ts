/** The engine's registrar with digest over a store in memory: what Kamailio does with usrloc in memory. `registrar.ts <users>` */
import { randomBytes } from 'node:crypto'
import {
  authenticate,
  createSipStack,
  DigestAuthenticator,
  defaultRegistrarLimits,
  localHosts,
  onRegister,
  Peers,
  Registrar,
  SharedKey,
  type SipStack,
} from '@ringdown/signalling'
import { demoDirectory, demoObjects, memoryStore, realClock } from '@ringdown/signalling/testing'
import { passwordOf, realm, userOf } from '../users.ts'
import { loopback, ready, tokens } from './parts.ts'

const clock = realClock
const node = 'load'
const store = memoryStore({ epoch: 'load', feedLimit: 100, clock })
const built = demoDirectory({
  ...demoObjects(),
  dns: Array.from({ length: Number(process.argv[2]) }, (_, i) => ({
    number: userOf(i),
    type: 'Extension',
    switch: 'SIP_Switch',
    annex: { TServer: { multimedia: 'true', 'sip-signaling-chat': 'message', password: passwordOf } },
  })),
  places: [],
  agentLogins: [],
  persons: [],
})
const directory = () => built
const isLocal = localHosts([realm, '127.0.0.1'])
const limits = defaultRegistrarLimits
const key = new SharedKey({ store, clock, random: randomBytes })
const registrar = new Registrar({ store, clock, node, limits, hasFlow: () => true })
const peers = new Peers({ directory, clock, resolve: async () => [] })
// SIPp knows nothing better.
const digest = new DigestAuthenticator({ store, clock, key, realm, algorithms: ['MD5'] })
const proves = authenticate({ directory, digest, peers, registrar, node, isLocal })
const registers = onRegister({ directory, registrar, key, clock, node, limits })

const stack: SipStack = await createSipStack({
  transports: loopback,
  clock,
  tokens: tokens(),
  random: Math.random,
  onError: (error) => console.error(error),
  user: {
    onRequest: async (incoming) => {
      if (incoming.request.method !== 'REGISTER') return { status: 405 }
      const who = await proves(incoming)
      return 'reply' in who ? who.reply : registers(incoming, who.identity)
    },
    onInvite: (invite) => invite.reject({ status: 405 }),
    onFlowClosed: () => {},
  },
})
ready(stack)
