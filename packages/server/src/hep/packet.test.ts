import { expect, test } from 'vitest'
import { addressBytes } from './address-bytes.ts'
import { type Agent, type Captured, hepPacket } from './packet.ts'

const agent: Agent = { id: 228, name: 'n1' }
const captured: Captured = {
  at: 1_313_440_459_120,
  transport: 'udp',
  source: { address: '212.202.0.1', port: 12_010 },
  target: { address: '82.116.0.211', port: 5_060 },
  payload: Buffer.from('INVITE sip:bob'),
}

/** Chunks by vendor and type, read by their lengths. */
function chunksOf(packet: Buffer | undefined): Map<string, Buffer> {
  if (!packet) throw new Error('no packet')
  expect(packet.toString('latin1', 0, 4)).toBe('HEP3')
  expect(packet.readUInt16BE(4)).toBe(packet.length)
  const chunks = new Map<string, Buffer>()
  for (let at = 6; at < packet.length; at += packet.readUInt16BE(at + 4))
    chunks.set(packet.toString('hex', at, at + 4), packet.subarray(at + 6, at + packet.readUInt16BE(at + 4)))
  return chunks
}

test('[HP-2] the example of the specification', () => {
  const chunks = chunksOf(hepPacket(captured, agent))
  const hex = (type: string) => chunks.get(`0000${type}`)?.toString('hex')
  expect([hex('0001'), hex('0002')]).toEqual(['02', '11'])
  expect([hex('0003'), hex('0004')]).toEqual(['d4ca0001', '527400d3'])
  expect([hex('0007'), hex('0008')]).toEqual(['2eea', '13c4'])
  expect([hex('0009'), hex('000a')]).toEqual(['4e4982cb', '0001d4c0'])
  expect([hex('000b'), hex('000c')]).toEqual(['01', '000000e4'])
  expect(chunks.get('0000000f')?.toString()).toBe('INVITE sip:bob')
  expect(chunks.get('00000013')?.toString()).toBe('n1')
  expect([hex('0005'), hex('000e'), hex('0011')]).toEqual([undefined, undefined, undefined])
})

test('[HP-2] IPv6, streams, key and correlation', () => {
  const ends = { source: { address: '2001:db8::1', port: 1 }, target: { address: '::1', port: 2 } }
  const chunks = chunksOf(
    hepPacket({ ...captured, ...ends, transport: 'wss', correlation: 'C1' }, { ...agent, key: 'k' }),
  )
  const hex = (type: string) => chunks.get(`0000${type}`)?.toString('hex')
  expect([hex('0001'), hex('0002')]).toEqual(['0a', '06'])
  expect(hex('0005')).toBe('20010db8000000000000000000000001')
  expect(hex('0006')).toBe('00000000000000000000000000000001')
  expect([chunks.get('0000000e')?.toString(), chunks.get('00000011')?.toString()]).toEqual(['k', 'C1'])
})

test('[HP-2] what does not fit, or has no address, is no packet', () => {
  expect(hepPacket({ ...captured, payload: new Uint8Array(65_535) }, agent)).toBeUndefined()
  expect(hepPacket({ ...captured, source: { address: 'name.example', port: 1 } }, agent)).toBeUndefined()
  expect(hepPacket({ ...captured, source: { address: '::1', port: 1 } }, agent)).toBeUndefined()
})

test('[HP-2] addresses as bytes', () => {
  const hex = (text: string) => {
    const bytes = addressBytes(text)
    return bytes && Buffer.from(bytes).toString('hex')
  }
  expect(hex('127.0.0.1')).toBe('7f000001')
  expect(hex('::ffff:10.0.0.7')).toBe('0a000007')
  expect(hex('::')).toBe('0'.repeat(32))
  expect(hex('fe80::1:2%eth0')).toBe('fe800000000000000000000000010002')
  expect(hex('1:2:3:4:5:6:7:8')).toBe('00010002000300040005000600070008')
  expect(hex('64:ff9b::192.0.2.1')).toBe('0064ff9b0000000000000000c0000201')
  expect([hex('256.0.0.1'), hex('name'), hex('')]).toEqual([undefined, undefined, undefined])
})
