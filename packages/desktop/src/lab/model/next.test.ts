import { describe, expect, test } from 'vitest'
import type { LabSession, Ladder, Lists } from '../contract.ts'
import { type Lab, type LabEffect, type LabInput, newLab } from './lab.ts'
import { nextLab } from './next.ts'
import type { LabPage } from './page.ts'

/** The console without a browser: inputs go in, effects are collected. */
class TestLab {
  state: Lab
  effects: LabEffect[] = []

  constructor(page: LabPage, visible = true) {
    this.state = newLab(page, visible)
  }

  take(...inputs: readonly LabInput[]): readonly string[] {
    this.effects = []
    for (const input of inputs) {
      const { state, effects } = nextLab(this.state, input)
      this.state = state
      this.effects.push(...effects)
    }
    return this.effects.map(({ effect }) => effect)
  }

  /** Opened, as the console does it. */
  static at(page: LabPage): TestLab {
    const lab = new TestLab({ page: 'sessions' })
    lab.take({ input: 'movedTo', page })
    return lab
  }
}

const session = (callUUID: string, state: LabSession['state'] = 'talking'): LabSession => ({
  callUUID,
  state,
  created: 0,
  parties: [],
  userDataKeys: [],
})
const listed = (...items: readonly Lists['sessions'][]): LabInput => ({
  input: 'listRead',
  list: 'sessions',
  after: null,
  search: '',
  page: { items, next: null, total: items.length },
})
const ladderPage = (id: string): LabPage => ({ page: 'ladder', id, kinds: null, search: '', entry: null })
const ladder = (id: string, content = '●●'): Ladder => ({
  callUUID: id,
  lanes: [],
  entries: [{ id: 'a:1', at: 0, node: 'a', kind: 'sip', from: 'x', to: 'y', title: 't', content }],
  discarded: {},
  silent: [],
})
const refused = (effect: LabEffect, httpStatus: number, statusCode = 1, message = 'no'): LabInput => ({
  input: 'failed',
  effect,
  failure: { failure: 'refused', httpStatus, statusCode, message },
})

describe('[DT-40] the console', () => {
  test('asks every second for what is shown, and for nothing twice at a time', () => {
    const lab = new TestLab({ page: 'sessions' })
    expect(lab.take({ input: 'tick' })).toEqual(['readList'])
    expect(lab.take({ input: 'tick' }, { input: 'tick' })).toEqual([])
    // What came due meanwhile is asked for at once.
    expect(lab.take(listed(session('S')))).toEqual([])
    expect(lab.take({ input: 'tick' })).toEqual(['readList'])
  })

  test.for<[LabPage, string[]]>([
    [{ page: 'nodes' }, ['readNodes', 'readTrace']],
    [{ page: 'charts' }, ['readHistory']],
    [{ page: 'load' }, ['readLoadRuns']],
    [{ page: 'audit' }, ['readList']],
    [ladderPage('S'), ['readSession', 'readLadder']],
  ])('reads what page %j shows, and goes on when it was answered', ([page, names]) => {
    const lab = new TestLab({ page: 'sessions' })
    lab.take(listed())
    expect(lab.take({ input: 'turnTo', page })).toEqual(['showPath', ...names])
    expect(lab.take({ input: 'tick' })).toEqual([])
    const answers: readonly LabInput[] = [
      { input: 'nodesRead', nodes: [] },
      { input: 'traceRead', trace: { entries: 0, bytes: 0, limit: 1, discarded: {} } },
      { input: 'historyRead', samples: [] },
      { input: 'loadRunsRead', loadRuns: [] },
      { input: 'sessionRead', session: session('S') },
      { input: 'ladderRead', id: 'S', texts: false, ladder: ladder('S') },
      { input: 'listRead', list: 'audit', after: null, search: '', page: { items: [], next: null, total: null } },
    ]
    lab.take(...answers)
    expect(lab.take({ input: 'tick' })).toEqual(names)
  })

  test('asks for a large ladder every five seconds only, and for its session as before', () => {
    const lab = TestLab.at(ladderPage('S'))
    const entries = Array.from({ length: 2_001 }, (_, i) => ({ ...ladder('S').entries[0], id: `a:${i}` }))
    const large = { ...ladder('S'), entries } as Ladder
    lab.take({ input: 'ladderRead', id: 'S', texts: false, ladder: large })
    for (let second = 1; second < 5; second++)
      expect(lab.take({ input: 'sessionRead', session: session('S') }, { input: 'tick' })).toEqual(['readSession'])
    const fifth = lab.take({ input: 'sessionRead', session: session('S') }, { input: 'tick' })
    expect(fifth).toEqual(['readSession', 'readLadder'])
  })

  test('asks for nothing that nobody sees, and for all of it when somebody looks', () => {
    const lab = new TestLab({ page: 'nodes' }, false)
    expect(lab.take({ input: 'tick' })).toEqual([])
    expect(lab.take({ input: 'visible', visible: true })).toEqual(['readNodes', 'readTrace'])
  })

  test('reads on where somebody scrolls', () => {
    const lab = new TestLab({ page: 'audit' })
    const items = Array.from({ length: 100 }, (_, i) => ({ position: 500 - i })) as unknown as readonly Lists['audit'][]
    lab.take({ input: 'scrolled', list: 'audit', from: 0, to: 20 })
    lab.take({ input: 'listRead', list: 'audit', after: null, search: '', page: { items, next: '401', total: null } })
    expect(lab.take({ input: 'scrolled', list: 'audit', from: 70, to: 90 })).toEqual(['readList'])
    expect(lab.effects).toMatchObject([{ list: 'audit', after: '401' }])
  })

  test('keeps the address in step, and lets one go back over pages, not over filters', () => {
    const lab = TestLab.at(ladderPage('S'))
    expect(lab.effects).not.toContainEqual(expect.objectContaining({ effect: 'showPath' }))
    lab.take({ input: 'search', search: 'INVITE' })
    expect(lab.effects).toEqual([{ effect: 'showPath', path: '/lab/sessions/S?q=INVITE', step: false }])
    lab.take({ input: 'turnTo', page: { page: 'dns', search: '', dn: '7001' } })
    expect(lab.effects[0]).toEqual({ effect: 'showPath', path: '/lab/dns?dn=7001', step: true })
  })

  test('says what went wrong, and forgets it when it goes well again', () => {
    const lab = new TestLab({ page: 'sessions' })
    lab.take({ input: 'tick' })
    const [effect] = lab.effects as [LabEffect]
    lab.take(refused(effect, 503))
    expect(lab.state.readProblem).toEqual({ kind: 'unavailable' })
    expect(lab.take({ input: 'tick' })).toEqual(['readList'])
    lab.take(listed())
    expect(lab.state.readProblem).toBeNull()
  })

  test('leads to the sign-in page when the login has ended', () => {
    const lab = new TestLab({ page: 'nodes' })
    lab.take({ input: 'tick' })
    expect(lab.take(refused({ effect: 'readNodes' }, 401))).toEqual(['expired'])
  })
})

describe('[DT-44] texts of a ladder', () => {
  test('are asked for when somebody says so, and not again every second', () => {
    const lab = TestLab.at(ladderPage('S'))
    lab.take({ input: 'ladderRead', id: 'S', texts: false, ladder: ladder('S') })
    expect(lab.take({ input: 'showTexts' })).toEqual(['readLadder'])
    expect(lab.effects).toEqual([{ effect: 'readLadder', id: 'S', texts: true }])
    lab.take({ input: 'ladderRead', id: 'S', texts: true, ladder: ladder('S', 'text') })
    lab.take({ input: 'sessionRead', session: session('S') }, { input: 'tick' })
    expect(lab.effects).toContainEqual({ effect: 'readLadder', id: 'S', texts: false })
    expect(lab.effects).not.toContainEqual({ effect: 'readLadder', id: 'S', texts: true })
    expect(lab.state.ladder?.shown.get('a:1')).toBe('text')
  })

  test('are not shown when they come after they were masked again, or refused', () => {
    const lab = TestLab.at(ladderPage('S'))
    const texts: LabInput = { input: 'ladderRead', id: 'S', texts: true, ladder: ladder('S', 'text') }
    lab.take({ input: 'showTexts' }, { input: 'hideTexts' }, texts)
    expect(lab.state.ladder?.shown.size).toBe(0)
    lab.take({ input: 'showTexts' }, refused({ effect: 'readLadder', id: 'S', texts: true }, 403, 5))
    expect([lab.state.ladder?.asked, lab.state.doProblem?.kind]).toEqual([false, 'forbidden'])
  })

  test('of another session are not carried over', () => {
    const lab = TestLab.at(ladderPage('S'))
    lab.take({ input: 'showTexts' }, { input: 'ladderRead', id: 'S', texts: true, ladder: ladder('S', 'text') })
    lab.take({ input: 'turnTo', page: ladderPage('T') })
    lab.take({ input: 'ladderRead', id: 'S', texts: false, ladder: ladder('S') })
    expect(lab.state.ladder).toMatchObject({ id: 'T', ladder: null, shown: new Map(), asked: false })
  })
})

describe('[DT-46] editing an Annex', () => {
  const opened = () => {
    const lab = TestLab.at({ page: 'dns', search: '', dn: '7001' })
    const dn = { DBID: '101', number: '7001', userProperties: { TServer: { multimedia: 'true' } } }
    lab.take({ input: 'annexRead', number: '7001', dn })
    return lab
  }
  const change = (lab: TestLab, value: string) =>
    lab.take({ input: 'changeOption', key: lab.state.edit?.lines[0]?.key ?? 0, to: { value } })

  test('saves what was changed over what was read', () => {
    const lab = opened()
    expect(lab.take({ input: 'saveAnnex' })).toEqual([])
    change(lab, 'false')
    lab.take({ input: 'saveAnnex' })
    const [before, annex] = [{ TServer: { multimedia: 'true' } }, { TServer: { multimedia: 'false' } }]
    expect(lab.effects).toEqual([{ effect: 'saveAnnex', number: '7001', dbid: '101', before, annex }])
    expect(lab.take({ input: 'saveAnnex' })).toEqual([])
    lab.take({ input: 'annexSaved', number: '7001', annex })
    expect([lab.state.edit?.saved, lab.state.edit?.read]).toEqual([true, annex])
  })

  test('saves nothing the engine would refuse', () => {
    const lab = opened()
    change(lab, 'maybe')
    expect(lab.take({ input: 'saveAnnex' })).toEqual([])
  })

  test('keeps what was written when saving fails, and says why', () => {
    const lab = opened()
    change(lab, 'false')
    lab.take({ input: 'saveAnnex' })
    lab.take(refused(lab.effects[0] as LabEffect, 409, 2, 'DN 7001 has changed'))
    expect(lab.state.doProblem).toEqual({ kind: 'conflict', detail: 'DN 7001 has changed' })
    expect(lab.state.edit?.lines[0]?.value).toBe('false')
    expect(lab.take({ input: 'readAnnexAgain' })).toEqual(['readAnnex'])
  })
})

test('[DT-48] a load run is started, and the list read at once', () => {
  const lab = TestLab.at({ page: 'load' })
  lab.take({ input: 'loadRunsRead', loadRuns: [] })
  const wanted = { pairs: 1, textsPerSecond: 1, seconds: 1 }
  expect(lab.take({ input: 'startRun', wanted })).toEqual(['startRun'])
  expect(lab.take({ input: 'startRun', wanted })).toEqual([])
  expect(lab.take({ input: 'done', effect: { effect: 'startRun', wanted } })).toEqual(['readLoadRuns'])
  lab.take(refused({ effect: 'stopRun', id: 'x' }, 404, 6, 'There is no run x'))
  expect(lab.state.doProblem).toEqual({ kind: 'gone', detail: 'There is no run x' })
  lab.take({ input: 'dismiss' })
  expect(lab.state.doProblem).toBeNull()
})
