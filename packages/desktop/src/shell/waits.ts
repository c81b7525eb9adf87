/** Timers by name; one that is set again begins anew. */
export class Waits {
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()

  set(name: string, ms: number, run: () => void): void {
    clearTimeout(this.#timers.get(name))
    const timer = setTimeout(() => {
      this.#timers.delete(name)
      run()
    }, ms)
    this.#timers.set(name, timer)
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}
