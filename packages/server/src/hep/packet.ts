import type { End } from '../trace/recorded.ts'
import { addressBytes } from './address-bytes.ts'

/** A SIP message as it was on the wire. */
export interface Captured {
  /** Milliseconds since 1970, with fractions. */
  readonly at: number
  readonly transport: string
  readonly source: End
  readonly target: End
  readonly payload: Uint8Array
  /** The same for all messages of a session. */
  readonly correlation?: string | undefined
}

/** Who says so. */
export interface Agent {
  readonly id: number
  readonly name: string
  readonly key?: string | undefined
}

// HEP3 Network Protocol Specification, rev. 37: "Generic chunk types".
const chunk = {
  family: 0x0001,
  protocol: 0x0002,
  source4: 0x0003,
  target4: 0x0004,
  source6: 0x0005,
  target6: 0x0006,
  sourcePort: 0x0007,
  targetPort: 0x0008,
  seconds: 0x0009,
  microseconds: 0x000a,
  payloadType: 0x000b,
  agentID: 0x000c,
  key: 0x000e,
  payload: 0x000f,
  correlation: 0x0011,
  agentName: 0x0013,
} as const

/** "Capture protocol types"; MSRP has none there. */
const sipType = 1
/** As the example of the specification and all agents have them: AF_INET and AF_INET6 of Linux. */
const family = { 4: 2, 16: 10 } as const
const ip = { udp: 17, tcp: 6 } as const
/** The length of a packet is 16 bits. */
const mostBytes = 65_535
const headBytes = 6

/** One HEP3 packet; undefined where it would be longer than one can be, or an address is none. SPEC HP-2. */
export function hepPacket(captured: Captured, agent: Agent): Buffer | undefined {
  const source = addressBytes(captured.source.address)
  const target = addressBytes(captured.target.address)
  if (!source || !target || source.length !== target.length) return undefined
  const isOld = source.length === 4
  const micros = Math.floor(captured.at * 1000)
  const chunks: [type: number, bytes: Uint8Array][] = [
    [chunk.family, Buffer.of(isOld ? family[4] : family[16])],
    [chunk.protocol, Buffer.of(captured.transport === 'udp' ? ip.udp : ip.tcp)],
    [isOld ? chunk.source4 : chunk.source6, source],
    [isOld ? chunk.target4 : chunk.target6, target],
    [chunk.sourcePort, short(captured.source.port)],
    [chunk.targetPort, short(captured.target.port)],
    [chunk.seconds, long(Math.floor(micros / 1_000_000))],
    [chunk.microseconds, long(micros % 1_000_000)],
    [chunk.payloadType, Buffer.of(sipType)],
    [chunk.agentID, long(agent.id)],
    [chunk.agentName, Buffer.from(agent.name)],
  ]
  if (agent.key !== undefined) chunks.push([chunk.key, Buffer.from(agent.key)])
  if (captured.correlation !== undefined) chunks.push([chunk.correlation, Buffer.from(captured.correlation)])
  chunks.push([chunk.payload, captured.payload])

  const length = chunks.reduce((sum, [, bytes]) => sum + headBytes + bytes.length, headBytes)
  if (length > mostBytes) return undefined
  const packet = Buffer.allocUnsafe(length)
  packet.write('HEP3', 0, 'latin1')
  packet.writeUInt16BE(length, 4)
  let at = headBytes
  for (const [type, bytes] of chunks) {
    // Vendor 0: a generic chunk.
    packet.writeUInt16BE(0, at)
    packet.writeUInt16BE(type, at + 2)
    packet.writeUInt16BE(headBytes + bytes.length, at + 4)
    packet.set(bytes, at + headBytes)
    at += headBytes + bytes.length
  }
  return packet
}

function short(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function long(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}
