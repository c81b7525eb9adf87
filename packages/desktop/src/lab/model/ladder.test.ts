import { describe, expect, test } from 'vitest'
import type { LabSession, Ladder, LadderEntry } from '../contract.ts'
import {
  contentOf,
  hideTexts,
  isLive,
  kindsOf,
  type LadderState,
  ladderRead,
  maskedSince,
  newLadder,
  rungsOf,
  switched,
  textsRead,
} from './ladder.ts'

const entry = (id: string, more: Partial<LadderEntry> = {}): LadderEntry => ({
  id,
  at: 1_000,
  node: 'a',
  kind: 'sip',
  from: 'engine',
  to: 'dn 8001',
  title: 'MESSAGE sip:8001@demo',
  content: 'MESSAGE sip:8001@demo SIP/2.0\r\n\r\n●●●●',
  ...more,
})
const ladder = (...entries: readonly LadderEntry[]): Ladder => ({
  callUUID: 'S',
  lanes: [
    { id: 'anna', label: 'anna', kind: 'client' },
    { id: 'engine', label: 'engine', kind: 'engine' },
    { id: 'dn 8001', label: '8001', kind: 'endpoint' },
  ],
  entries,
  discarded: {},
  silent: [],
})
const session = (state: LabSession['state']): LabSession => ({
  callUUID: 'S',
  state,
  created: 0,
  parties: [],
  userDataKeys: [],
})
const asked = { ...newLadder('S'), asked: true }
const all = { kinds: null, search: '' } as const

describe('[DT-43] a ladder', () => {
  const state = ladderRead(
    newLadder('S'),
    ladder(
      entry('a:1', { kind: 'rest', from: 'anna', to: 'engine', title: 'POST SendMessage → 200' }),
      entry('a:2', { at: 1_012.5 }),
      entry('a:3', { at: 1_512.5, repeated: true }),
      entry('a:4', { at: 1_520, kind: 'tevent', from: 'engine', to: 'engine', title: 'EventPrivateInfo' }),
    ),
  )

  test('has its rungs between the lanes of who speaks to whom, on one axis of time', () => {
    expect(rungsOf(state, all).map(({ from, to, since, pause }) => [from, to, since, pause])).toEqual([
      [0, 1, 0, 0],
      [1, 2, 12.5, 12.5],
      [1, 2, 512.5, 500],
      [1, 1, 520, 7.5],
    ])
  })

  test.for<[Parameters<typeof rungsOf>[1], string[]]>([
    [{ kinds: ['sip'], search: '' }, ['a:2', 'a:3']],
    [{ kinds: [], search: '' }, []],
    [{ kinds: null, search: 'sendmessage' }, ['a:1']],
    [{ kinds: null, search: ' ANNA ' }, ['a:1']],
    [{ kinds: ['sip', 'tevent'], search: 'event' }, ['a:4']],
    [{ kinds: null, search: 'SIP/2.0' }, ['a:1', 'a:2', 'a:3', 'a:4']],
  ])('is filtered by kind, party, title and content: %j', ([filter, ids]) => {
    expect(rungsOf(state, filter).map((rung) => rung.entry.id)).toEqual(ids)
  })

  test('counts its kinds, and switches them off and on', () => {
    const present = [...kindsOf(state.ladder).keys()]
    expect([...kindsOf(state.ladder).values()]).toEqual([1, 2, 1])
    const without = switched(null, 'sip', present)
    expect(without).toEqual(['rest', 'tevent'])
    expect(switched(without, 'sip', present)).toBeNull()
  })

  test('that has not changed is the one before, so that nothing is drawn', () => {
    const again = ladderRead(state, ladder(...(state.ladder?.entries ?? []).map((one) => ({ ...one }))))
    expect(again.ladder).toBe(state.ladder)
    expect(ladderRead(state, { ...ladder(...(state.ladder?.entries ?? [])), silent: ['b'] }).ladder).not.toBe(
      state.ladder,
    )
  })

  test('is read as long as its session lives, and a little longer', () => {
    let live: LadderState = { ...state, session: session('talking') }
    for (let i = 0; i < 20; i++) live = ladderRead(live, ladder())
    expect(isLive(live)).toBe(true)
    live = { ...live, session: session('ended') }
    let readings = 0
    for (; isLive(live); readings++) live = ladderRead(live, ladder())
    expect(readings).toBe(4)
  })
})

describe('[DT-44] texts in a ladder', () => {
  const masked = entry('a:1', { content: '●●●●' })
  const later = entry('a:2', { content: '●●●' })
  const shown = textsRead(ladderRead(asked, ladder(masked)), ladder({ ...masked, content: 'text' }))

  test('stand where they were asked for, and what comes later is masked', () => {
    const now = ladderRead(shown, ladder(masked, later))
    expect([contentOf(now, masked), contentOf(now, later), maskedSince(now)]).toEqual(['text', '●●●', 1])
  })

  test('can be searched for only while they are shown', () => {
    const find = (state: LadderState) => rungsOf(state, { kinds: null, search: 'text' }).length
    expect([find(shown), find(hideTexts(shown))]).toEqual([1, 0])
  })

  test('go when they are masked again', () => {
    const hidden = hideTexts(shown)
    expect([contentOf(hidden, masked), maskedSince(hidden), hidden.asked]).toEqual(['●●●●', 0, false])
  })
})
