/** The Annex of a configuration object: sections of options, as written. Values keep their spelling; typed readings are made from it. */
export type Annex = Readonly<Record<string, Readonly<Record<string, string>>>>

/** A mistake, or a thing worth a warning, in the configuration; `path` leads to it from the object that was read. */
export interface Problem {
  path: readonly (string | number)[]
  message: string
}

const booleans = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['on', true],
  ['false', false],
  ['no', false],
  ['0', false],
  ['off', false],
])

/** A boolean in any of the spellings Genesys components read, in any case; undefined for everything else. SPEC DN-1. */
export function readBoolean(text: string): boolean | undefined {
  return booleans.get(text.trim().toLowerCase())
}

/** A whole number in decimal digits between the bounds, both included; undefined for everything else. */
export function readInteger(text: string, least: number, most: number): number | undefined {
  const digits = text.trim()
  if (!/^[0-9]{1,15}$/.test(digits)) return undefined
  const value = Number(digits)
  return value >= least && value <= most ? value : undefined
}
