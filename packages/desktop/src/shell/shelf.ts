import type { Shelf } from './drawer.ts'

/** The browser's storage, where it lets the page have one: asking alone may throw. */
export function shelfOf(storage: () => Shelf): Shelf | undefined {
  try {
    return storage()
  } catch {
    return undefined
  }
}
