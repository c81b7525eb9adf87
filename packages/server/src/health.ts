/** What keeps a node from taking requests; nothing when it is ready. */
export type Trouble = 'starting' | 'draining' | 'store'

/** What the probes look at. */
export interface Health {
  /** SPEC SV-30: asked anew at every probe, so a store that is lost shows at once. */
  trouble(): readonly Trouble[]
  started(): void
  draining(): void
}

/** Ready when it is started, not draining, and every store takes writes. */
export function createHealth(stores: readonly { healthy(): boolean }[]): Health {
  let phase: 'starting' | 'serving' | 'draining' = 'starting'
  return {
    trouble() {
      const trouble: Trouble[] = []
      if (phase !== 'serving') trouble.push(phase)
      if (!stores.every((store) => store.healthy())) trouble.push('store')
      return trouble
    },
    started() {
      if (phase === 'starting') phase = 'serving'
    },
    draining() {
      phase = 'draining'
    },
  }
}
