import { confirming, regained } from './confirming.ts'
import { andThen, busyKey, type Desktop, type Effect, type Input, type Step, step } from './desktop.ts'
import { keeping } from './keeping.ts'
import { isWhole, nextLink } from './link.ts'
import { people, refresh } from './people.ts'
import { phone } from './phone.ts'
import { failed } from './problems.ts'
import { sending } from './sending.ts'
import { catchUp, look, sessions } from './sessions.ts'
import { signing } from './signing.ts'

/** The page after one input. A pure function: time, ids and answers come in with the inputs. */
export function next(before: Desktop, input: Input): Step {
  // SPEC DT-18: an answer to somebody who has left.
  if (input.login !== undefined && input.login !== before.login) return step(before)
  const state = answered(before, input)
  const after =
    confirming(state, input, next) ??
    signing(state, input) ??
    sessions(state, input) ??
    sending(state, input) ??
    phone(state, input) ??
    people(state, input) ??
    keeping(state, input) ??
    connection(state, input) ??
    edge(state, input)
  return andThen(after, look)
}

/** What was under way is so no more. */
function answered(state: Desktop, input: Input): Desktop {
  const effect = effectOf(input)
  const key = effect && busyKey(effect)
  if (key === undefined || !state.busy.has(key)) return state
  const busy = new Set(state.busy)
  busy.delete(key)
  return { ...state, busy }
}

function effectOf(input: Input): Effect | undefined {
  switch (input.input) {
    case 'done':
      return input.effect
    case 'iAm':
      return { effect: 'signIn', userName: '', password: '' }
    case 'placeTaken':
      return { effect: 'takePlace', place: '' }
    case 'startedBySip':
      return { effect: 'startBySip', number: '', text: '', messageId: '' }
    case 'historyRead':
      return { effect: 'readHistory' }
    default:
      return undefined
  }
}

/** The way to the server: lost, found again, and what is done then. SPEC DT-13. */
function connection(state: Desktop, input: Input): Step | undefined {
  switch (input.input) {
    case 'connected':
      return regained(state, 'connected')
    case 'broken':
    case 'offline':
      return step({ ...state, link: nextLink(state.link, input.input) })
    case 'online':
      return step(state, probe)
    case 'reached':
      return regained(state, 'reached')
    case 'waited':
      if (input.name === 'linkNews') return step({ ...state, link: nextLink(state.link, 'read') })
      if (input.name === 'catchUp') return catchUp(state)
      if (input.name === 'probe') return step(state, ...(isWhole(state.link) ? [] : [probe]))
      if (input.name === 'open') return step(state, { effect: 'whoAmI' })
      return undefined
    case 'done':
      return input.effect.effect === 'probe' ? regained(state, 'reached') : undefined
    default:
      return undefined
  }
}

const probe: Effect = { effect: 'probe' }

function edge(state: Desktop, input: Input): Step {
  switch (input.input) {
    case 'failed':
      return failed(state, input.effect, input.failure)
    case 'dismiss':
      return step({ ...state, toasts: state.toasts.filter(({ id }) => id !== input.id) })
    case 'visible': {
      const seen = { ...state, visible: input.visible }
      return input.visible ? refresh(seen) : step(seen)
    }
    default:
      return step(state)
  }
}
