/** The part of `localStorage` that is used. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

const product = 'ringdown/'

/**
 * What the browser keeps for one agent, shared by all their tabs. A browser that keeps nothing (private mode, a full disk) costs what
 * a reload would have saved, and nothing else.
 */
export class Drawer {
  readonly #shelf: Shelf | undefined
  #prefix: string | undefined

  constructor(shelf: Shelf | undefined) {
    this.#shelf = shelf
  }

  /** From now on it is this agent's. */
  open(owner: string | null): void {
    this.#prefix = owner === null ? undefined : `${product}${owner}/`
  }

  save(key: string, value: string | null): void {
    if (this.#prefix === undefined) return
    try {
      if (value === null) this.#shelf?.removeItem(this.#prefix + key)
      else this.#shelf?.setItem(this.#prefix + key, value)
    } catch {
      // Nothing can be kept here.
    }
  }

  entries(): readonly (readonly [key: string, value: string])[] {
    const shelf = this.#shelf
    if (!shelf || this.#prefix === undefined) return []
    const names = Array.from({ length: shelf.length }, (_, i) => shelf.key(i) ?? '')
    return names.flatMap((name) => {
      const key = this.keyOf(name)
      const value = key === undefined ? null : shelf.getItem(name)
      return key === undefined || value === null ? [] : [[key, value] as const]
    })
  }

  /** The key behind a name on the shelf; undefined where it is not this agent's. */
  keyOf(name: string | null): string | undefined {
    const prefix = this.#prefix
    return prefix !== undefined && name?.startsWith(prefix) ? name.slice(prefix.length) : undefined
  }
}
