/** One row: in this state, on this input, go to that state and do this, in order. */
export type Row<State extends string, Input extends string, Action extends string> = readonly [
  from: State,
  on: Input,
  to: State,
  actions: readonly Action[],
]

/** What a row asks for. The same object for the same row, so that a step allocates nothing. */
export interface Step<State extends string, Action extends string> {
  readonly to: State
  readonly actions: readonly Action[]
}

/** The pure step function of a table; undefined where it has no row: network input never throws, and peers repeat themselves. */
export function stepper<State extends string, Input extends string, Action extends string>(
  rows: readonly Row<State, Input, Action>[],
): (from: State, on: Input) => Step<State, Action> | undefined {
  const states: Partial<Record<string, Partial<Record<string, Step<State, Action>>>>> = Object.create(null)
  for (const [from, on, to, actions] of rows) {
    states[from] ??= Object.create(null) as Partial<Record<string, Step<State, Action>>>
    states[from][on] = { to, actions }
  }
  return (from, on) => states[from]?.[on]
}
