/** What has an id that orders it. */
interface Named {
  readonly id: string
}

/**
 * The first so many behind an id, in the order of ids. Looks at each once and keeps no more than are asked for: there may be tens of
 * thousands, and traffic waits meanwhile.
 */
export function firstByID<T extends Named>(from: readonly Iterable<T>[], after: string, count: number): T[] {
  const first: { id: string; item: T }[] = []
  for (const all of from)
    for (const item of all) {
      const { id } = item
      if (id <= after || (first.length === count && id >= (first.at(-1)?.id ?? ''))) continue
      let at = first.length
      while (at > 0 && (first[at - 1]?.id ?? '') > id) at--
      first.splice(at, 0, { id, item })
      if (first.length > count) first.pop()
    }
  return first.map(({ item }) => item)
}
