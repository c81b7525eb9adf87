import type { LoadRun, LoadWanted } from '../contract.ts'

export const loadBounds: Readonly<Record<keyof LoadWanted, readonly [least: number, most: number]>> = {
  pairs: [1, 200],
  textsPerSecond: [1, 2_000],
  seconds: [1, 600],
}

/** What stands in the form, as it is written. */
export type LoadForm = Readonly<Record<keyof LoadWanted, string>>

export const usualLoad: LoadForm = { pairs: '10', textsPerSecond: '100', seconds: '30' }

/** The load the form asks for; or which of its fields cannot be meant. */
export function readLoad(form: LoadForm): { wanted: LoadWanted } | { wrong: readonly (keyof LoadWanted)[] } {
  const names = Object.keys(loadBounds) as (keyof LoadWanted)[]
  const wrong = names.filter((name) => !fits(form[name], loadBounds[name]))
  if (wrong.length > 0) return { wrong }
  const [pairs, textsPerSecond, seconds] = [form.pairs, form.textsPerSecond, form.seconds].map(Number) as [
    number,
    number,
    number,
  ]
  return { wanted: { pairs, textsPerSecond, seconds } }
}

function fits(text: string, [least, most]: readonly [number, number]): boolean {
  return /^\s*[0-9]{1,6}\s*$/.test(text) && Number(text) >= least && Number(text) <= most
}

export function isRunning({ state }: LoadRun): boolean {
  return state === 'preparing' || state === 'running' || state === 'clearing'
}
