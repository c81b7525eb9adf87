import type { CallUUID } from '@ringdown/signalling'
import { expect, test } from 'vitest'
import { makeLadder } from './ladder.ts'
import type { NodePart, Piece } from './piece.ts'
import { makeSvg } from './svg.ts'

const piece = (number: number, at: number, more: Partial<Piece> = {}): Piece => ({
  ...{ number, part: 0, at, kind: 'tevent', from: 'engine', to: 'engine', title: `t${number}`, content: '' },
  ...more,
})
const sip = (number: number, at: number, data: string, flow = 'f1'): Piece => {
  const end = { address: '127.0.0.1', port: 5060 }
  const wire = { protocol: 'sip', transport: 'udp', flow, source: end, target: end, data } as const
  return piece(number, at, { kind: 'sip', from: 'engine', to: 'dn:8001', wire })
}
const part = (node: string, pieces: readonly Piece[], discarded = {}): NodePart => ({ node, pieces, discarded })
const ladderOf = (...parts: NodePart[]) =>
  makeLadder({ callUUID: 'S1' as CallUUID, parts, silent: [], names: { person: (id) => `name of ${id}` } })

test('[TR-4] what several nodes hold is put on one time axis, and in the order of recording at one time', () => {
  const ladder = ladderOf(
    part('b', [piece(1, 20), piece(2, 30)]),
    part('a', [piece(7, 25), piece(9, 30), piece(8, 30)]),
  )
  expect(ladder.entries.map(({ id }) => id)).toEqual(['b:1', 'a:7', 'a:8', 'a:9', 'b:2'])
})

test('[TR-4] things of one recording have ids of their own, the same at every look', () => {
  const parts = [part('a', [piece(3, 1, { part: 1 }), piece(3, 1), piece(3, 1, { part: 2 })])]
  expect(ladderOf(...parts).entries.map(({ id }) => id)).toEqual(['a:3', 'a:3.1', 'a:3.2'])
  expect(ladderOf(...parts)).toEqual(ladderOf(...parts))
})

test('[TR-4] a lane for each client’s person, one for the engine, one for each endpoint', () => {
  const ladder = ladderOf(
    part('a', [
      sip(1, 1, 'x'),
      piece(2, 2, { from: 'client:p1' }),
      piece(3, 3, { from: 'dn:8002' }),
      piece(4, 4, { to: 'client:p1' }),
    ]),
  )
  expect(ladder.lanes).toEqual([
    { id: 'client:p1', label: 'name of p1', kind: 'client' },
    { id: 'engine', label: 'Ringdown', kind: 'engine' },
    { id: 'dn:8001', label: '8001', kind: 'endpoint' },
    { id: 'dn:8002', label: '8002', kind: 'endpoint' },
  ])
})

test('[TR-4] the same bytes once more to the same place are a retransmission', () => {
  const ladder = ladderOf(part('a', [sip(1, 1, 'x'), sip(2, 2, 'x'), sip(3, 3, 'y'), sip(4, 4, 'x', 'f2')]))
  expect(ladder.entries.map(({ repeated }) => repeated)).toEqual([undefined, true, undefined, undefined])
})

test('bytes are shown as the UTF-8 they are', () => {
  const [entry] = ladderOf(part('a', [sip(1, 1, Buffer.from('süß').toString('latin1'))])).entries
  expect(entry?.content).toBe('süß')
})

test('[TR-3] what nodes have discarded is added up', () => {
  const { discarded } = ladderOf(part('a', [], { overwritten: 3 }), part('b', [], { overwritten: 4, tooLarge: 1 }))
  expect(discarded).toEqual({ overwritten: 7, tooLarge: 1 })
})

test('[TR-8] the picture is XML of its own, with every line and without a script, for light and dark', () => {
  const hostile = piece(2, 3, { from: 'client:p1', kind: 'rest', title: '<script>alert("1")</script>\u0000' })
  const svg = makeSvg({
    ...ladderOf(part('a', [sip(1, 1, 'x'), sip(3, 2, 'x'), hostile], { overwritten: 9 })),
    silent: ['c'],
  })
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
  expect(svg).not.toContain('<script')
  expect(svg).not.toContain('\u0000')
  expect(svg).toContain('&lt;script&gt;')
  expect(svg).toContain('prefers-color-scheme:dark')
  expect(svg).toContain('SIP t3 (again)')
  expect(svg).toContain('Not all was kept: 9 bytes overwritten. Did not answer: c.')
  expect(svg.match(/<g>/g)).toHaveLength(3)
  expect(makeSvg({ callUUID: 'S1' as CallUUID, lanes: [], entries: [], discarded: {}, silent: [] })).toContain('</svg>')
})
