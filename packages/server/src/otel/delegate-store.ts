import type { SessionStore } from '@ringdown/signalling'

/** The same store with another commit. */
export function delegateStore(store: SessionStore, commit: SessionStore['commit']): SessionStore {
  const bound = new Map<PropertyKey, unknown>([['commit', commit]])
  return new Proxy(store, {
    get(target, key) {
      const known = bound.get(key)
      if (known !== undefined) return known
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== 'function') return value
      // A method asked for by way of the proxy would not find the private parts of its store.
      const method: unknown = value.bind(target)
      bound.set(key, method)
      return method
    },
  })
}
