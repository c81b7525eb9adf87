import { problemOf } from '../../model/problem.ts'
import type { ListName, Lists } from '../contract.ts'
import { addLine, annexOf, changeLine, dropLine, isChanged, newEdit, remarksOn, withAnnex } from './annex.ts'
import { withSamples } from './charts.ts'
import { keyOf } from './keys.ts'
import { type Lab, type LabEffect, type LabInput, type LabStep, nameOf } from './lab.ts'
import { hideTexts, isLive, ladderRead, newLadder, rested, textsRead } from './ladder.ts'
import { dueAgain, type Listing, nextDue, notRead, nowAsked, pieceRead, scrolled, searched } from './listing.ts'
import { type LabPage, listOf, pathOf } from './page.ts'

/** The console after one input. A pure function. SPEC DT-40. */
export function nextLab(before: Lab, input: LabInput): LabStep {
  const state = answered(before, input)
  const { state: after, effects } = taken(state, input)
  return withReads(after, effects)
}

function taken(state: Lab, input: LabInput): LabStep {
  switch (input.input) {
    case 'tick': {
      const later = state.ladder && state.visible ? { ...state, ladder: rested(state.ladder) } : state
      return asked(again(later), reads(later))
    }
    case 'visible': {
      const seen = { ...state, visible: input.visible }
      return input.visible ? asked(again(seen), reads(seen)) : step(seen)
    }
    case 'turnTo':
      return turned(state, input.page, true)
    case 'movedTo':
      return turned(state, input.page, false)
    case 'search':
      return lookedFor(state, input.search)
    case 'scrolled':
      return step(withList(state, input.list, (listing) => scrolled(listing, input.from, input.to)))
    case 'addOption':
    case 'changeOption':
    case 'dropOption':
    case 'readAnnexAgain':
    case 'saveAnnex':
    case 'annexRead':
    case 'annexSaved':
      return edited(state, input)
    case 'showTexts':
      return state.ladder
        ? asked({ ...state, ladder: { ...state.ladder, asked: true } }, [
            { effect: 'readLadder', id: state.ladder.id, texts: true },
          ])
        : step(state)
    case 'hideTexts':
      return step({ ...state, ladder: state.ladder && hideTexts(state.ladder) })
    case 'startRun':
      return asked({ ...state, doProblem: null }, [{ effect: 'startRun', wanted: input.wanted }])
    case 'stopRun':
      return asked({ ...state, doProblem: null }, [{ effect: 'stopRun', id: input.id }])
    case 'dismiss':
      return step({ ...state, doProblem: null })
    case 'done':
      return asked(state, reads(state))
    case 'failed':
      return failed(state, input.effect, problemOf(input.failure, 'read'))
    default:
      return step(read(state, input))
  }
}

/** What the server has said goes where it is shown. */
function read(before: Lab, input: LabInput): Lab {
  const state = { ...before, readProblem: null }
  switch (input.input) {
    case 'listRead':
      return withList({ ...state, counts: input.page.counts ?? state.counts }, input.list, (listing) =>
        pieceRead(listing, input.after, input.search, input.page),
      )
    case 'nodesRead':
      return { ...state, nodes: input.nodes }
    case 'traceRead':
      return { ...state, trace: input.trace }
    case 'historyRead':
      return { ...state, samples: withSamples(state.samples, input.samples) }
    case 'loadRunsRead':
      return { ...state, loadRuns: input.loadRuns }
    case 'sessionRead':
      if (state.ladder?.id !== input.session.callUUID) return state
      return { ...state, ladder: { ...state.ladder, session: input.session } }
    case 'ladderRead': {
      const { ladder } = state
      if (ladder?.id !== input.id) return state
      // Hidden again before they came.
      if (input.texts && !ladder.asked) return state
      return { ...state, ladder: (input.texts ? textsRead : ladderRead)(ladder, input.ladder) }
    }
    default:
      return before
  }
}

/** Another page, or another sight of the same. */
function turned(before: Lab, page: LabPage, byUs: boolean): LabStep {
  const same = sameSubject(before.page, page)
  const search = page.page === 'agents' || page.page === 'dns' ? page.search : ''
  const list = listOf(page)
  let state: Lab = { ...before, page, ...(!same && { readProblem: null, doProblem: null }) }
  if (list) state = withList(state, list, (listing) => searched(listing, search))
  const id = page.page === 'ladder' ? page.id : null
  if (id !== (state.ladder?.id ?? null)) state = { ...state, ladder: id === null ? null : newLadder(id) }
  const dn = page.page === 'dns' ? page.dn : null
  const open = dn !== (state.edit?.number ?? null)
  if (open) state = { ...state, edit: dn === null ? null : newEdit(dn), doProblem: null }
  const path = pathOf(page)
  const shown: readonly LabEffect[] =
    byUs && path !== pathOf(before.page) ? [{ effect: 'showPath', path, step: !same || open }] : []
  const after = asked(again(state), [
    ...(same ? [] : reads(state)),
    ...(open && dn !== null ? [{ effect: 'readAnnex', number: dn } as const] : []),
  ])
  return { state: after.state, effects: [...shown, ...after.effects] }
}

function sameSubject(one: LabPage, other: LabPage): boolean {
  return one.page === other.page && (one.page !== 'ladder' || (other.page === 'ladder' && one.id === other.id))
}

function lookedFor(state: Lab, search: string): LabStep {
  const { page } = state
  return page.page === 'agents' || page.page === 'dns' || page.page === 'ladder'
    ? turned(state, { ...page, search }, true)
    : step(state)
}

function edited(state: Lab, input: LabInput): LabStep {
  const { edit } = state
  if (!edit) return step(state)
  switch (input.input) {
    case 'addOption':
      return step({ ...state, edit: addLine(edit, input.option) })
    case 'changeOption':
      return step({ ...state, edit: changeLine(edit, input.key, input.to) })
    case 'dropOption':
      return step({ ...state, edit: dropLine(edit, input.key) })
    case 'readAnnexAgain':
      return asked({ ...state, edit: newEdit(edit.number), doProblem: null }, [
        { effect: 'readAnnex', number: edit.number },
      ])
    case 'saveAnnex':
      return saving(state)
    case 'annexRead':
      if (edit.number !== input.number) return step(state)
      return step({ ...state, edit: withAnnex(edit, input.dn.DBID, input.dn.userProperties ?? {}) })
    case 'annexSaved':
      if (edit.number !== input.number) return step(state)
      return asked(
        again({ ...state, edit: { ...edit, read: input.annex, saved: !isChanged({ ...edit, read: input.annex }) } }),
        [],
      )
    default:
      return step(state)
  }
}

function saving(state: Lab): LabStep {
  const { edit } = state
  if (edit?.dbid == null || !isChanged(edit) || remarksOn(edit).some(({ level }) => level === 'problem'))
    return step(state)
  const { number, dbid, read } = edit
  return asked({ ...state, doProblem: null }, [
    { effect: 'saveAnnex', number, dbid, before: read, annex: annexOf(edit) },
  ])
}

function failed(state: Lab, effect: LabEffect, problem: Lab['readProblem']): LabStep {
  if (problem?.kind === 'expired') return { state, effects: [{ effect: 'expired' }] }
  switch (effect.effect) {
    case 'readList':
      return step({
        ...withList(state, effect.list, notRead),
        readProblem: listOf(state.page) === effect.list ? problem : state.readProblem,
      })
    case 'readAnnex':
    case 'saveAnnex':
    case 'startRun':
    case 'stopRun':
      return step({ ...state, doProblem: problem })
    case 'readLadder': {
      const { ladder } = state
      if (ladder?.id !== effect.id) return step(state)
      if (effect.texts) return step({ ...state, ladder: hideTexts(ladder), doProblem: problem })
      return step({ ...state, readProblem: problem })
    }
    case 'readSession':
      return step(state.ladder?.id === effect.id ? { ...state, readProblem: problem } : state)
    default:
      return step({ ...state, readProblem: problem })
  }
}

/** What the page shows is asked for. */
function reads({ page, ladder, samples, visible }: Lab): readonly LabEffect[] {
  if (!visible) return []
  switch (page.page) {
    case 'nodes':
      return [{ effect: 'readNodes' }, { effect: 'readTrace' }]
    case 'charts':
      return [{ effect: 'readHistory', after: samples.at(-1)?.at ?? 0 }]
    case 'load':
      return [{ effect: 'readLoadRuns' }]
    case 'ladder': {
      if (!ladder || !isLive(ladder)) return []
      const { id } = ladder
      const session = { effect: 'readSession', id } as const
      return ladder.rest > 0 ? [session] : [session, { effect: 'readLadder', id, texts: false }]
    }
    default:
      return []
  }
}

/** The list that is shown is due. */
function again(state: Lab): Lab {
  const list = listOf(state.page)
  return list && state.visible ? withList(state, list, (listing) => dueAgain(listing, keyOf[list])) : state
}

/** The next piece of the list that is shown is read, one at a time. */
function withReads(before: Lab, effects: readonly LabEffect[]): LabStep {
  const list = listOf(before.page)
  if (!list || !before.visible) return { state: before, effects }
  const listing = before.lists[list] as AnyListing
  const after = nextDue(listing, keyOf[list])
  if (after === undefined) return { state: before, effects }
  const { search } = listing
  return { state: withList(before, list, nowAsked), effects: [...effects, { effect: 'readList', list, after, search }] }
}

/** The same thing is asked for once at a time. */
function asked(before: Lab, wanted: readonly LabEffect[]): LabStep {
  const busy = new Set(before.busy)
  const effects = wanted.filter((effect) => {
    const name = nameOf(effect)
    if (name === undefined) return true
    if (busy.has(name)) return false
    busy.add(name)
    return true
  })
  return { state: effects.length > 0 ? { ...before, busy } : before, effects }
}

function answered(state: Lab, input: LabInput): Lab {
  const name = answeredName(input)
  if (name === undefined || !state.busy.has(name)) return state
  const busy = new Set(state.busy)
  busy.delete(name)
  return { ...state, busy }
}

const answers: Readonly<Partial<Record<LabInput['input'], LabEffect['effect']>>> = {
  nodesRead: 'readNodes',
  traceRead: 'readTrace',
  historyRead: 'readHistory',
  loadRunsRead: 'readLoadRuns',
  sessionRead: 'readSession',
  annexRead: 'readAnnex',
  annexSaved: 'saveAnnex',
}

function answeredName(input: LabInput): string | undefined {
  if (input.input === 'done' || input.input === 'failed') return nameOf(input.effect)
  if (input.input === 'ladderRead') return input.texts ? 'readTexts' : 'readLadder'
  return answers[input.input]
}

type AnyListing = Listing<Lists[ListName]>

function withList(state: Lab, list: ListName, change: (listing: AnyListing) => AnyListing): Lab {
  const before = state.lists[list] as AnyListing
  const after = change(before)
  return after === before ? state : { ...state, lists: { ...state.lists, [list]: after } }
}

function step(state: Lab): LabStep {
  return { state, effects: [] }
}
