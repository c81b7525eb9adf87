import type { Failure, Problem } from '../../model/problem.ts'
import type {
  Annex,
  ConfiguredDN,
  Counts,
  LabNode,
  LabSession,
  Ladder,
  ListName,
  ListPage,
  Lists,
  LoadRun,
  LoadWanted,
  Sample,
  TraceState,
} from '../contract.ts'
import type { AnnexEdit, OptionLine } from './annex.ts'
import type { LadderState } from './ladder.ts'
import { type Listing, newListing } from './listing.ts'
import type { LabPage } from './page.ts'

export type Listings = { readonly [Name in ListName]: Listing<Lists[Name]> }

/** What the lab console knows and shows. Plain and immutable. */
export interface Lab {
  page: LabPage
  /** Somebody can see it. What nobody sees is not asked for. */
  visible: boolean
  lists: Listings
  /** Of living sessions, all of them. */
  counts: Counts | null
  nodes: readonly LabNode[] | null
  trace: TraceState | null
  samples: readonly Sample[]
  loadRuns: readonly LoadRun[] | null
  ladder: LadderState | null
  edit: AnnexEdit | null
  /** What was asked for and not answered yet, by its name. */
  busy: ReadonlySet<string>
  /** Why what is shown cannot be read now; and why what was wanted was not done. */
  readProblem: Problem | null
  doProblem: Problem | null
}

export function newLab(page: LabPage, visible: boolean): Lab {
  return {
    page,
    visible,
    lists: {
      sessions: newListing,
      agents: newListing,
      dns: newListing,
      registrations: newListing,
      flows: newListing,
      audit: newListing,
    },
    counts: null,
    nodes: null,
    trace: null,
    samples: [],
    loadRuns: null,
    ladder: null,
    edit: null,
    busy: new Set(),
    readProblem: null,
    doProblem: null,
  }
}

/** What the console asks of the world. */
export type LabEffect =
  | { effect: 'readList'; list: ListName; after: string | null; search: string }
  | { effect: 'readNodes' }
  | { effect: 'readTrace' }
  | { effect: 'readHistory'; after: number }
  | { effect: 'readLoadRuns' }
  | { effect: 'readSession'; id: string }
  | { effect: 'readLadder'; id: string; texts: boolean }
  | { effect: 'readAnnex'; number: string }
  /** `before`: what was changed; where the server has something else by now, nothing is saved. */
  | { effect: 'saveAnnex'; number: string; dbid: string; before: Annex; annex: Annex }
  | { effect: 'startRun'; wanted: LoadWanted }
  | { effect: 'stopRun'; id: string }
  /** The address in the browser; `step`: one can go back from there. */
  | { effect: 'showPath'; path: string; step: boolean }
  /** The login has ended. */
  | { effect: 'expired' }

export type LabInput =
  /** A second has gone by. */
  | { input: 'tick' }
  | { input: 'visible'; visible: boolean }
  | { input: 'turnTo'; page: LabPage }
  /** The browser has gone back or forth. */
  | { input: 'movedTo'; page: LabPage }
  | { input: 'search'; search: string }
  | { input: 'scrolled'; list: ListName; from: number; to: number }
  | { input: 'listRead'; list: ListName; after: string | null; search: string; page: ListPage<Lists[ListName]> }
  | { input: 'nodesRead'; nodes: readonly LabNode[] }
  | { input: 'traceRead'; trace: TraceState }
  | { input: 'historyRead'; samples: readonly Sample[] }
  | { input: 'loadRunsRead'; loadRuns: readonly LoadRun[] }
  | { input: 'sessionRead'; session: LabSession }
  | { input: 'ladderRead'; ladder: Ladder; id: string; texts: boolean }
  | { input: 'annexRead'; number: string; dn: ConfiguredDN }
  | { input: 'annexSaved'; number: string; annex: Annex }
  | { input: 'showTexts' }
  | { input: 'hideTexts' }
  | { input: 'addOption'; option?: string }
  | { input: 'changeOption'; key: number; to: Partial<Omit<OptionLine, 'key'>> }
  | { input: 'dropOption'; key: number }
  | { input: 'readAnnexAgain' }
  | { input: 'saveAnnex' }
  | { input: 'startRun'; wanted: LoadWanted }
  | { input: 'stopRun'; id: string }
  | { input: 'done'; effect: LabEffect }
  | { input: 'dismiss' }
  | { input: 'failed'; effect: LabEffect; failure: Failure }

export interface LabStep {
  state: Lab
  effects: readonly LabEffect[]
}

/** By what name an effect is under way. Lists keep their own account. */
export function nameOf(effect: LabEffect): string | undefined {
  switch (effect.effect) {
    case 'readList':
    case 'showPath':
    case 'expired':
      return undefined
    case 'readLadder':
      return effect.texts ? 'readTexts' : 'readLadder'
    default:
      return effect.effect
  }
}
