/** What can stand in a list: in one at a time. */
export interface Linked {
  list: LinkedList | undefined
  before: Linked | undefined
  after: Linked | undefined
  /** What it weighs in its list. */
  weight: number
  /** Goes where a list has become too heavy. */
  evict(): void
}

/** A list of transactions in the order they came; adding and taking out allocate nothing. */
export class LinkedList {
  size = 0
  /** Of all items together, in the unit of whoever adds them. */
  weight = 0
  #first: Linked | undefined
  #last: Linked | undefined

  get first(): Linked | undefined {
    return this.#first
  }

  /** At the end of this list, and out of the one it stood in. */
  add(item: Linked, weight = 0): void {
    unlink(item)
    item.list = this
    item.before = this.#last
    if (this.#last) this.#last.after = item
    else this.#first = item
    this.#last = item
    this.size++
    item.weight = weight
    this.weight += weight
  }

  /** Out of this list. */
  remove(item: Linked): void {
    if (item.list !== this) return
    if (item.before) item.before.after = item.after
    else this.#first = item.after
    if (item.after) item.after.before = item.before
    else this.#last = item.before
    item.list = undefined
    item.before = undefined
    item.after = undefined
    this.size--
    this.weight -= item.weight
  }
}

/** Out of whatever list it stands in. */
export function unlink(item: Linked): void {
  item.list?.remove(item)
}
