import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { makePcap } from './pcap.ts'
import type { Piece, WirePiece } from './piece.ts'

/** What tshark says of each packet. It looks at every checksum. */
async function tshark(file: Uint8Array, ...words: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-pcap-'))
  const path = join(folder, 'file.pcap')
  writeFileSync(path, file)
  const checks = ['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`])
  try {
    const options = { maxBuffer: 1 << 26 }
    const { stdout } = await promisify(execFile)('tshark', ['-r', path, ...checks, ...words], options)
    return stdout.split('\n').filter((line) => line !== '')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const wrong =
  '_ws.malformed || _ws.expert.severity >= "Warning" || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0'

const began = Date.UTC(2026, 0, 1, 12, 30, 15, 250) + 0.5
let count = 0
const piece = (wire: WirePiece): Piece => {
  const number = count++
  return { number, part: 0, at: began + number, kind: wire.protocol, from: 'engine', to: 'dn:8001', title: '', wire }
}
const message = (body = 'hello') =>
  `MESSAGE sip:8001@demo SIP/2.0\r\nVia: SIP/2.0/UDP h:1;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:8001@demo>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const frame = (body: string) =>
  `MSRP d93kswow SEND\r\nTo-Path: msrp://a.example:2855/x;tcp\r\nFrom-Path: msrp://b.example:9/y;tcp\r\nMessage-ID: 1\r\nByte-Range: 1-${body.length}/${body.length}\r\nContent-Type: text/plain\r\n\r\n${body}\r\n-------d93kswow$\r\n`
const ends = (source: string, from: number, target: string, to: number) => ({
  source: { address: source, port: from },
  target: { address: target, port: to },
})

test.each([
  ['udp', ends('192.0.2.1', 5060, '192.0.2.2', 5070), 'udp'],
  ['udp', ends('2001:db8::1', 5060, '2001:db8:0:1::', 5070), 'udp'],
  ['udp', ends('::ffff:192.0.2.1', 5060, '192.0.2.2', 5070), 'udp'],
  ['udp', ends('fe80::1%eth0', 5060, '::1', 5070), 'udp'],
  ['tcp', ends('192.0.2.1', 40_000, '192.0.2.2', 5060), 'tcp'],
  ['tcp', ends('::1', 40_000, '::1', 15_060), 'tcp'],
  ['tls', ends('192.0.2.1', 40_000, '192.0.2.2', 5061), 'tcp'],
  ['ws', ends('192.0.2.1', 40_000, '192.0.2.2', 80), 'tcp'],
  ['wss', ends('192.0.2.1', 443, '192.0.2.2', 40_000), 'tcp'],
] as const)('[TR-9] SIP over %s, %j, is read as SIP', async (transport, way, shown) => {
  const odd = message('odd length')
  const back = { source: way.target, target: way.source }
  const wires = [
    { ...way, data: message() },
    { ...back, data: odd },
    { ...way, data: odd },
  ]
  const pieces = wires.map((wire) => piece({ protocol: 'sip', transport, flow: 'f1', ...wire }))
  const file = makePcap([{ node: 'a', pieces, discarded: {} }])
  expect(await tshark(file, '-Y', wrong)).toEqual([])
  const read = await tshark(file, '-Y', `sip && ${shown}`, '-T', 'fields', '-e', 'sip.Method')
  expect(read).toEqual(['MESSAGE', 'MESSAGE', 'MESSAGE'])
})

test('[TR-9] MSRP is read at any port, over TLS as well, and a frame longer than a packet', async () => {
  const long = frame('x'.repeat(100_000))
  const tcp = {
    protocol: 'msrp',
    transport: 'tcp',
    flow: 'f1',
    ...ends('127.0.0.1', 40_000, '127.0.0.1', 41_000),
  } as const
  const tls = {
    protocol: 'msrp',
    transport: 'tls',
    flow: 'f2',
    ...ends('127.0.0.1', 40_001, '127.0.0.1', 443),
  } as const
  const pieces = [
    piece({ ...tcp, data: frame('hello') }),
    piece({ ...tls, data: frame('hello') }),
    piece({ ...tcp, data: frame('again') }),
  ]
  const file = makePcap([{ node: 'a', pieces, discarded: {} }])
  expect(await tshark(file, '-Y', wrong)).toEqual([])
  expect(await tshark(file, '-Y', 'msrp')).toHaveLength(3)
  const streams = await tshark(file, '-T', 'fields', '-e', 'tcp.stream')
  expect(new Set(streams).size).toBe(2)
  const longFile = makePcap([{ node: 'a', pieces: [piece({ ...tcp, data: long })], discarded: {} }])
  expect(await tshark(longFile, '-Y', wrong)).toEqual([])
  const lengths = await tshark(longFile, '-T', 'fields', '-e', 'tcp.len')
  expect(lengths.reduce((sum, length) => sum + Number(length), 0)).toBe(long.length)
})

test('[TR-9] times are those of the recording, to the microsecond', async () => {
  const way = ends('192.0.2.1', 5060, '192.0.2.2', 5070)
  const only = { ...piece({ protocol: 'sip', transport: 'udp', flow: 'f1', ...way, data: message() }), at: began }
  const [time] = await tshark(
    makePcap([{ node: 'a', pieces: [only], discarded: {} }]),
    '-T',
    'fields',
    '-e',
    'frame.time_epoch',
  )
  expect(Number(time)).toBeCloseTo(began / 1000, 6)
})

test('[TR-9] a session without SIP is a file without packets', async () => {
  expect(await tshark(makePcap([]))).toEqual([])
})
