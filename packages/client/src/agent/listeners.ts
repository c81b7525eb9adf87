/** Who listens to what, by name. */
export class Listeners<Events extends object> {
  readonly #waiting: (() => void)[] = []
  #isTelling = false
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>()

  /** Calls the listener for each event of this name, until what is returned is called. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const all = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, all)
    all.add(listener)
    return () => all.delete(listener)
  }

  /** What happens while something is told, such as a listener that closes the client, is told after it. */
  tell<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    this.#waiting.push(() => this.#call(name, event))
    if (this.#isTelling) return
    this.#isTelling = true
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) next()
    this.#isTelling = false
  }

  /** A listener that throws harms neither the others nor us; its error surfaces as one nobody has caught. */
  #call<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])])
      try {
        listener(event as never)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
  }
}
