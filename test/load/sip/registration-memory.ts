/**
 * Bytes of heap a registration keeps, the store in memory: what the registrar writes for one contact, as JSON, with its place in the tables.
 * With the embedded store or Redis it is there, and none of it in the heap. `node test/load/sip/registration-memory.ts [registrations]`
 */
import { randomFillSync } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  type DNumber,
  defaultRegistrarLimits,
  type IncomingRequest,
  onRegister,
  Registrar,
  SharedKey,
} from '@ringdown/signalling'
import { demoDirectory, demoObjects, ManualClock, memoryStore, parseMessage } from '@ringdown/signalling/testing'
import { realm, userOf } from './users.ts'

const count = Number(process.argv[2] ?? 20_000)
const warmUp = 1_000
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const clock = new ManualClock()
const store = memoryStore({ epoch: 'load', feedLimit: 100, clock })
const limits = defaultRegistrarLimits
const annex = { TServer: { multimedia: 'true', 'sip-signaling-chat': 'message', password: 'ringdown-load' } }
const numbers = Array.from({ length: count + warmUp }, (_, i) => userOf(i))
const directory = demoDirectory({
  ...demoObjects(),
  dns: numbers.map((number) => ({ number, type: 'Extension', switch: 'SIP_Switch', annex })),
  places: [],
  agentLogins: [],
  persons: [],
})
const registers = onRegister({
  directory: () => directory,
  registrar: new Registrar({ store, clock, node: 'load', limits, hasFlow: () => true }),
  key: new SharedKey({ store, clock, random: (bytes) => randomFillSync(new Uint8Array(bytes)) }),
  clock,
  node: 'load',
  limits,
})

function registration(number: string): IncomingRequest {
  const lines = [
    `REGISTER sip:${realm} SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK${number};rport`,
    'Max-Forwards: 70',
    `From: <sip:${number}@${realm}>;tag=f${number}`,
    `To: <sip:${number}@${realm}>`,
    `Call-ID: 843817637684230-${number}@192.0.2.9`,
    'CSeq: 2 REGISTER',
    `Contact: <sip:${number}@192.0.2.9:5060>`,
    'Expires: 3600',
    'Content-Length: 0',
  ]
  const request = parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`))
  if (request.kind !== 'request') throw new Error('not a request')
  return { request, source: { transport: 'udp', address: '192.0.2.9', port: 5060, peerNames: [] } }
}

async function register(from: number, to: number): Promise<void> {
  for (const number of numbers.slice(from, to)) {
    const { status } = await registers(registration(number), { kind: 'dn', dn: number as DNumber })
    if (status !== 200) throw new Error(`REGISTER was answered ${status}`)
  }
}

function used(): number {
  for (let times = 0; times < 4; times++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

await register(0, warmUp)
const before = used()
await register(warmUp, count + warmUp)
const fresh = used()
clock.advance(40_000)
const later = used()
console.log(`right after the 200: ${Math.round((fresh - before) / count)} bytes per registration`)
console.log(`40 s later:          ${Math.round((later - before) / count)} bytes per registration`)
