/** Feeds a model one input after another, has its effects performed, and tells who shows the page. */
export class Loop<State, Input, Effect> {
  #state: State
  readonly #next: (state: State, input: Input) => { state: State; effects: readonly Effect[] }
  readonly #perform: (effect: Effect, state: State) => void
  readonly #show: (state: State, before: State) => void
  readonly #waiting: Input[] = []
  #busy = false

  constructor(
    state: State,
    next: (state: State, input: Input) => { state: State; effects: readonly Effect[] },
    perform: (effect: Effect, state: State) => void,
    show: (state: State, before: State) => void,
  ) {
    this.#state = state
    this.#next = next
    this.#perform = perform
    this.#show = show
  }

  get state(): State {
    return this.#state
  }

  /** An input that comes while another one is being dealt with waits for its turn. */
  readonly send = (input: Input): void => {
    this.#waiting.push(input)
    if (this.#busy) return
    this.#busy = true
    try {
      for (let now = this.#waiting.shift(); now; now = this.#waiting.shift()) this.#take(now)
    } finally {
      this.#busy = false
    }
  }

  #take(input: Input): void {
    const before = this.#state
    const { state, effects } = this.#next(before, input)
    this.#state = state
    for (const effect of effects) this.#perform(effect, state)
    if (state !== before) this.#show(state, before)
  }
}
