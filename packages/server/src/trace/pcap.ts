import { isIPv6 } from 'node:net'
import { inOrder } from './ladder.ts'
import type { NodePart, WirePiece } from './piece.ts'
import type { End } from './recorded.ts'

/**
 * What passed over SIP and MSRP as a capture file: the classic format, Ethernet frames with IPv4 or IPv6 and UDP or TCP. What was TLS or
 * a WebSocket is written as if it had been plain TCP. TCP connections begin with a handshake at their first message, and every byte that
 * is not part of the session is left out, so sequence numbers have no holes.
 */
export function makePcap(parts: readonly NodePart[]): Uint8Array {
  const file = new CaptureFile()
  const connections = new Map<string, TcpConnection>()
  for (const { node, piece } of inOrder(parts)) {
    if (!piece.wire) continue
    const wire = { ...piece.wire, ...plainPorts(piece.wire) }
    const data = Buffer.from(wire.data, 'latin1')
    if (wire.transport === 'udp') file.udp(piece.at, wire.source, wire.target, data)
    else {
      const key = `${node} ${wire.protocol} ${[place(wire.source), place(wire.target)].sort().join(' ')} ${flowOf(wire)}`
      const known = connections.get(key)
      const connection = known ?? new TcpConnection(file, wire.source, wire.target)
      if (!known) {
        connections.set(key, connection)
        connection.open(piece.at)
      }
      connection.write(piece.at, wire.source, data)
    }
  }
  return file.bytes()
}

// SIP names its flows; an MSRP connection is told by its addresses.
const flowOf = ({ protocol, flow }: WirePiece): string => (protocol === 'sip' ? flow : '')
const place = ({ address, port }: End): string => `${address} ${port}`

/** Ports at which a reader of the file would look for TLS or HTTP, where none of it is left. */
const wrappedPorts = new Set([80, 443, 5061, 8080, 8443])

function plainPorts({ protocol, transport, source, target }: WirePiece): Pick<WirePiece, 'source' | 'target'> {
  if (transport === 'udp' || transport === 'tcp') return { source, target }
  const usual = protocol === 'sip' ? 5060 : 2855
  const plain = (end: End): End => (wrappedPorts.has(end.port) ? { ...end, port: usual } : end)
  return { source: plain(source), target: plain(target) }
}

const flags = { syn: 0x02, ack: 0x10, push: 0x08 }
/** Bytes of one TCP segment, well below what the length fields of IP can say. */
const segment = 32_768
const window = 65_535

/** One connection; `from` has opened it, as far as the file says. */
class TcpConnection {
  readonly #file: CaptureFile
  readonly #from: End
  readonly #to: End
  readonly #next = { from: 1_000, to: 2_000 }

  constructor(file: CaptureFile, from: End, to: End) {
    this.#file = file
    this.#from = from
    this.#to = to
  }

  open(at: number): void {
    this.#segment(at, 'from', flags.syn)
    this.#next.from++
    this.#segment(at, 'to', flags.syn | flags.ack)
    this.#next.to++
    this.#segment(at, 'from', flags.ack)
  }

  write(at: number, source: End, data: Uint8Array): void {
    const side = place(source) === place(this.#from) ? 'from' : 'to'
    for (let done = 0; done < data.length; done += segment) {
      const piece = data.subarray(done, done + segment)
      this.#segment(at, side, flags.push | flags.ack, piece)
      this.#next[side] += piece.length
    }
  }

  #segment(at: number, side: 'from' | 'to', bits: number, data: Uint8Array = new Uint8Array()): void {
    const [source, target] = side === 'from' ? [this.#from, this.#to] : [this.#to, this.#from]
    const [own, other] = side === 'from' ? [this.#next.from, this.#next.to] : [this.#next.to, this.#next.from]
    const tcp = Buffer.alloc(20)
    tcp.writeUInt16BE(source.port, 0)
    tcp.writeUInt16BE(target.port, 2)
    tcp.writeUInt32BE(own % 2 ** 32, 4)
    tcp.writeUInt32BE(bits & flags.ack ? other % 2 ** 32 : 0, 8)
    tcp.writeUInt8(5 << 4, 12)
    tcp.writeUInt8(bits, 13)
    tcp.writeUInt16BE(window, 14)
    this.#file.ip(at, 6, source, target, Buffer.concat([tcp, data]), 16)
  }
}

const maxSnap = 262_144

class CaptureFile {
  readonly #chunks: Buffer[] = []
  /** Numbers IPv4 packets. */
  #packets = 0

  constructor() {
    const header = Buffer.alloc(24)
    header.writeUInt32LE(0xa1b2c3d4, 0) // times in microseconds
    header.writeUInt16LE(2, 4)
    header.writeUInt16LE(4, 6)
    header.writeUInt32LE(maxSnap, 16)
    header.writeUInt32LE(1, 20) // LINKTYPE_ETHERNET
    this.#chunks.push(header)
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#chunks)
  }

  udp(at: number, source: End, target: End, data: Uint8Array): void {
    const udp = Buffer.alloc(8)
    udp.writeUInt16BE(source.port, 0)
    udp.writeUInt16BE(target.port, 2)
    udp.writeUInt16BE(8 + data.length, 4)
    this.ip(at, 17, source, target, Buffer.concat([udp, data]), 6)
  }

  /** One packet; its checksum goes to that place of the payload. */
  ip(at: number, protocol: number, source: End, target: End, payload: Buffer, checksumAt: number): void {
    const addresses = [source, target].map(({ address }) => binary(address))
    const v6 = addresses.some((address) => address.length === 16)
    const [from, to] = addresses.map((address) => (v6 && address.length === 4 ? mapped(address) : address)) as [
      Buffer,
      Buffer,
    ]
    const sum = checksum(Buffer.concat([pseudoHeader(from, to, protocol, payload.length), payload]))
    payload.writeUInt16BE(sum === 0 && protocol === 17 ? 0xffff : sum, checksumAt)
    this.#frame(at, v6 ? ipv6(from, to, protocol, payload) : this.#ipv4(from, to, protocol, payload), v6)
  }

  #ipv4(from: Buffer, to: Buffer, protocol: number, payload: Buffer): Buffer {
    const head = Buffer.alloc(20)
    head.writeUInt8(0x45, 0)
    head.writeUInt16BE(20 + payload.length, 2)
    head.writeUInt16BE(++this.#packets % 65_536, 4)
    head.writeUInt16BE(0x4000, 6) // never in fragments
    head.writeUInt8(64, 8)
    head.writeUInt8(protocol, 9)
    from.copy(head, 12)
    to.copy(head, 16)
    head.writeUInt16BE(checksum(head), 10)
    return Buffer.concat([head, payload])
  }

  #frame(at: number, packet: Buffer, v6: boolean): void {
    const ethernet = Buffer.from([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, ...(v6 ? [0x86, 0xdd] : [0x08, 0x00])])
    const record = Buffer.alloc(16)
    const length = ethernet.length + packet.length
    record.writeUInt32LE(Math.floor(at / 1000) % 2 ** 32, 0)
    record.writeUInt32LE(Math.floor((at % 1000) * 1000), 4)
    record.writeUInt32LE(length, 8)
    record.writeUInt32LE(length, 12)
    this.#chunks.push(record, ethernet, packet)
  }
}

function ipv6(from: Buffer, to: Buffer, protocol: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(40)
  head.writeUInt8(0x60, 0)
  head.writeUInt16BE(payload.length, 4)
  head.writeUInt8(protocol, 6)
  head.writeUInt8(64, 7)
  from.copy(head, 8)
  to.copy(head, 24)
  return Buffer.concat([head, payload])
}

/** What RFC 768 and RFC 9293 §3.1 (RFC 8200 §8.1 for IPv6) sum up besides the payload. */
function pseudoHeader(from: Buffer, to: Buffer, protocol: number, length: number): Buffer {
  const rest = Buffer.alloc(from.length === 4 ? 4 : 8)
  if (from.length === 4) {
    rest.writeUInt8(protocol, 1)
    rest.writeUInt16BE(length, 2)
  } else {
    rest.writeUInt32BE(length, 0)
    rest.writeUInt8(protocol, 7)
  }
  return Buffer.concat([from, to, rest])
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at)
  if (bytes.length % 2 === 1) sum += (bytes.at(-1) ?? 0) << 8
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65_536)
  return ~sum & 0xffff
}

/** 4 or 16 bytes; an IPv4 address in IPv6 clothes is IPv4. */
function binary(address: string): Buffer {
  const v4 = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/i.exec(address)
  if (v4) return Buffer.from(v4.slice(1).map(Number))
  if (!isIPv6(address)) return Buffer.alloc(4)
  const [bare = ''] = address.split('%', 1)
  const [left = '', right] = bare
    .replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...d: string[]) => words(d.map(Number)))
    .split('::')
  const [begin, end] = [groups(left), groups(right ?? '')]
  const zeros = right === undefined ? [] : Array<number>(Math.max(0, 8 - begin.length - end.length)).fill(0)
  const bytes = Buffer.alloc(16)
  for (const [at, group] of [...begin, ...zeros, ...end].slice(0, 8).entries()) bytes.writeUInt16BE(group, at * 2)
  return bytes
}

const groups = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
const words = ([a = 0, b = 0, c = 0, d = 0]: number[]): string =>
  `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
const mapped = (v4: Buffer): Buffer => Buffer.concat([Buffer.alloc(10), Buffer.from([0xff, 0xff]), v4])
