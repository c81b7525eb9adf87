import type { Ladder, LadderEntry } from '@ringdown/facade'
import type { CallUUID } from '@ringdown/signalling'

type Row = [at: number, kind: LadderEntry['kind'], from: string, to: string, title: string, more?: Partial<LadderEntry>]

const [anna, engine, phone] = ['client:1', 'engine', 'dn:8002']

// biome-ignore format: read it as a ladder
const rows: readonly Row[] = [
  [0, 'rest', anna, engine, 'POST InitiateIMSession → 200', { content: 'POST /api/v2/me/im-sessions\r\n\r\n{"userData": "***"}' }],
  [1.25, 'tevent', engine, engine, 'EventDialing at 7001'],
  [1.25, 'tevent', engine, engine, 'EventRinging at 8002'],
  [2.5, 'cometd', engine, anna, 'IMSessionStateChangeMessage StatusChange'],
  [3, 'sip', engine, phone, 'INVITE sip:8002@192.0.2.17:5060;transport=udp'],
  [503, 'sip', engine, phone, 'INVITE sip:8002@192.0.2.17:5060;transport=udp', { repeated: true }],
  [640.5, 'sip', phone, engine, '180 Ringing (INVITE)'],
  [2_204, 'sip', phone, engine, '200 OK (INVITE)'],
  [2_206, 'msrp', engine, phone, 'SEND text/plain 1-16/16 $', { content: 'MSRP a1 SEND\r\n\r\n\u001b[2J\u202e******\r\n-------a1$\r\n' }],
  [2_211, 'msrp', phone, engine, '200 OK'],
  [125_000, 'ucajax', engine, anna, 'imSessionReceived, messageReceived'],
  [125_100, 'tevent', engine, engine, 'EventReleased at 7001', { node: 'n2' }],
]

function lineOf([at, kind, from, to, title, more]: Row, i: number): LadderEntry {
  return { id: `n1:${i}`, at: 1_700_000_000_000 + at, node: 'n1', kind, from, to, title, content: '', ...more }
}

/** A session of an agent and a phone, with all kinds of lines. */
export const sampleLadder: Ladder = {
  callUUID: '0123456789ABCDEF0123456789ABCDEF' as CallUUID,
  lanes: [
    { id: anna, label: 'anna', kind: 'client' },
    { id: engine, label: 'Ringdown', kind: 'engine' },
    { id: phone, label: '8002', kind: 'endpoint' },
  ],
  entries: rows.map(lineOf),
  discarded: {},
  silent: [],
}

/** More parties than have room beside one another, and something missing. */
export const crowdedLadder: Ladder = {
  ...sampleLadder,
  lanes: [
    ...sampleLadder.lanes,
    { id: 'client:2', label: '王小明', kind: 'client' },
    { id: 'dn:9', label: 'a very long name of a number, too long for its lane', kind: 'endpoint' },
  ],
  entries: [
    ...sampleLadder.entries,
    lineOf([126_000, 'rest', anna, 'dn:9', 'across all lanes'], 98),
    lineOf([127_500, 'rest', 'client:2', engine, 'POST Complete → 200'], 99),
  ],
  discarded: { overwritten: 4_096 },
  silent: ['n3'],
}
