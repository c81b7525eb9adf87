import { readErasure } from '@ringdown/facade'
import type { SessionStore } from '@ringdown/signalling'

/** How long the word of a node is kept for who waits for it, milliseconds. */
const keptMs = 60_000

/** Under this id (kind `node`) a node says that it has nothing of an erasure's texts in its memory any more. */
export const confirmedID = (erasure: string, node: string): string => `erased:${erasure}:${node}`

/**
 * Says of each erasure, in the store, that this node has heard of it. All listeners of a signal are called in one go, and writing takes
 * longer: by then nothing of it is in memory any more. Answers the way to stop. SPEC RC-14.
 */
export function confirmErasures(
  stores: Iterable<Pick<SessionStore, 'onSignal' | 'keep'>>,
  node: string,
  onError: (error: unknown) => void,
): () => void {
  const stops = [...stores].map((store) =>
    store.onSignal((message) => {
      const erased = readErasure(message)
      if (erased) store.keep('node', confirmedID(erased.id, node), '', keptMs).catch(onError)
    }),
  )
  return () => {
    for (const stop of stops) stop()
  }
}
