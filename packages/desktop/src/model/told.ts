import { type Desktop, type Step, step } from './desktop.ts'
import type { Problem } from './problem.ts'

/** Problems that are told at the same time; the oldest go first. */
const toastLimit = 4

/** Says something to the agent. The same thing said twice stands there once. */
export function told(state: Desktop, problem: Problem): Step {
  if (state.toasts.some((toast) => toast.problem.kind === problem.kind && toast.problem.detail === problem.detail))
    return step(state)
  const toasts = [...state.toasts, { id: state.nextToast, problem }].slice(-toastLimit)
  return step({ ...state, toasts, nextToast: state.nextToast + 1 })
}
