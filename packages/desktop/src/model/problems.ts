import { nextView } from '@ringdown/client'
import { andThen, busyKey, type Desktop, type Effect, type Step, step } from './desktop.ts'
import { nextLink } from './link.ts'
import { type Doing, type Failure, type Problem, passes, problemOf } from './problem.ts'
import { notSent } from './sending.ts'
import { expired, signedOut } from './signing.ts'
import { told } from './told.ts'

/** Milliseconds until the server is asked again whether it is there, and until something is read again. */
const probeMs = 2_000
const readAgainMs = 3_000
const contactsAgainMs = 10_000

export function doingOf(effect: Effect): Doing {
  switch (effect.effect) {
    case 'signIn':
    case 'signOut':
    case 'takePlace':
    case 'start':
    case 'send':
    case 'answer':
    case 'complete':
      return effect.effect
    case 'startBySip':
      return 'start'
    case 'setState':
    case 'leavePlace':
      return 'changeState'
    case 'attach':
    case 'deleteKey':
      return 'userData'
    case 'whoAmI':
      return 'open'
    default:
      return 'read'
  }
}

/** What a failure does to the page. SPEC DT-12. */
export function failed(before: Desktop, effect: Effect, failure: Failure): Step {
  const problem = problemOf(failure, doingOf(effect))
  const key = busyKey(effect)
  const busy = new Set(before.busy)
  if (key !== undefined) busy.delete(key)
  const state = { ...before, busy }
  if (effect.effect === 'signOut') return problem.kind === 'expired' ? signedOut(state) : told(state, problem)
  if (problem.kind === 'expired' && effect.effect !== 'whoAmI') return expired(unsent(state, effect))
  const after = of(state, effect, problem)
  return problem.kind === 'noAnswer' && !beside.has(effect.effect) ? andThen(after, doubt) : after
}

/** What nobody waits for; whether it is answered says nothing about the way to the server. */
const beside: ReadonlySet<Effect['effect']> = new Set(['tellDisplayed', 'tellComposing', 'readName'])

function unsent(state: Desktop, effect: Effect): Desktop {
  return effect.effect === 'send' ? notSent(state, effect.messageId, { kind: 'expired' }).state : state
}

function of(state: Desktop, effect: Effect, problem: Problem): Step {
  switch (effect.effect) {
    case 'whoAmI':
      if (problem.kind === 'expired') return state.me ? expired(state) : step({ ...state, stage: 'signIn' })
      if (effect.check !== undefined) return step(state, { effect: 'wait', name: 'confirm', ms: readAgainMs })
      return step({ ...state, problem }, { effect: 'wait', name: 'open', ms: readAgainMs })
    case 'signIn':
    case 'takePlace':
      return step({ ...state, problem })
    case 'readPlaces':
      return step(
        { ...state, problem },
        ...(passes(problem) ? [{ effect: 'wait', name: 'places', ms: readAgainMs } as const] : []),
      )
    case 'startBySip':
      return told({ ...state, calling: null }, problem)
    case 'start':
      return told(
        { ...state, calling: null },
        living(state) && problem.kind === 'peerBusy' ? { kind: 'selfBusy' } : problem,
      )
    case 'send':
      return notSent(state, effect.messageId, problem)
    case 'readSessions':
      return step(state, { effect: 'wait', name: 'catchUp', ms: readAgainMs })
    case 'readSession': {
      if (problem.kind !== 'gone') return step(state, { effect: 'wait', name: 'catchUp', ms: readAgainMs })
      return step({ ...state, view: nextView(state.view, { input: 'sessionGone', sessionId: effect.id }) })
    }
    case 'readTranscript':
      return problem.kind === 'gone' ? step(state) : step(state, { effect: 'wait', name: 'catchUp', ms: readAgainMs })
    case 'probe':
      return step(state, { effect: 'wait', name: 'probe', ms: probeMs })
    case 'tellDisplayed':
      // Where one is not taken, the others can be done without.
      return step({ ...state, toldSeen: [] })
    case 'tellComposing':
    case 'readName':
      return step(state) // nobody asked for it; it is tried again when there is reason to
    case 'readContacts':
      return step(state, { effect: 'wait', name: 'contacts', ms: contactsAgainMs })
    default:
      return told(state, problem)
  }
}

function living(state: Desktop): boolean {
  return [...state.view.sessions.values()].some((session) => session.state !== 'Completed')
}

/** A request without an answer tells of a broken way sooner than the stream of notifications does. SPEC DT-13. */
function doubt(state: Desktop): Step {
  if (state.stage !== 'desk') return step(state)
  return step({ ...state, link: nextLink(state.link, 'doubted') }, { effect: 'wait', name: 'probe', ms: probeMs })
}
