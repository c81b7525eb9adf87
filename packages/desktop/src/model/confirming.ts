import { andThen, type Desktop, type Input, type Step, step } from './desktop.ts'
import { isWhole, nextLink } from './link.ts'
import { refresh } from './people.ts'
import { pump } from './sending.ts'
import { catchUp } from './sessions.ts'
import { isMe, withConfirmed } from './signing.ts'

/*
 * The cookie belongs to the browser, not to the page: behind a break somebody else may have signed in in another tab, and the stream of
 * notifications comes back as theirs. So the server is asked who the page is, before anything of that stream is shown and before
 * anything that waits is sent. SPEC DT-27.
 */

/** Notifications that are held back at most; what is dropped is read again with everything else. */
const heldLimit = 1_000

/** Asks who the page is; until the answer nothing that comes is shown. */
export function confirm(state: Desktop): Step {
  if (state.stage !== 'desk') return step(state)
  const check = state.checks + 1
  const asking = { ...state, checks: check, held: state.held ?? [], link: nextLink(state.link, 'catchUp') }
  return step(asking, { effect: 'whoAmI', check })
}

/** What an input does while, or because, the page does not know whose it is. */
export function confirming(
  state: Desktop,
  input: Input,
  next: (state: Desktop, input: Input) => Step,
): Step | undefined {
  switch (input.input) {
    case 'notification':
    case 'devicesChanged':
      if (state.held === null) return undefined
      return step({ ...state, held: [...state.held, input].slice(-heldLimit) })
    case 'iAm':
      if (input.check === undefined || !isMe(state, input.user)) return undefined
      // An answer from before the last break says nothing of what is behind it.
      if (state.held === null || input.check !== state.checks) return step(state)
      return confirmed(state, input.user, state.held, next)
    case 'subscribed':
      return confirm(state)
    case 'waited':
      if (input.name !== 'confirm') return undefined
      return state.held === null ? step(state) : confirm(state)
    default:
      return undefined
  }
}

/** What was held back is taken, what waits goes out, and everything is read again. */
function confirmed(
  state: Desktop,
  user: (Input & { input: 'iAm' })['user'],
  held: readonly Input[],
  next: (state: Desktop, input: Input) => Step,
): Step {
  const back = state.link.wasLive
  const taken = held.reduce((after, input) => andThen(after, (now) => next(now, input)), withConfirmed(state, user))
  const read = andThen(andThen(taken, pump), catchUp)
  return back ? andThen(read, refresh) : read
}

/** What follows when the way to the server is there again. SPEC DT-13. */
export function regained(before: Desktop, how: 'connected' | 'reached'): Step {
  const state = { ...before, link: nextLink(before.link, how) }
  if (isWhole(before.link)) return step(state)
  // The check that is under way belongs to the same way back.
  if (isWhole(state.link) && state.link.wasLive && state.held === null) return confirm(state)
  return pump(state)
}
