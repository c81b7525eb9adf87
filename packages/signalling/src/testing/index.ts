export { ManualClock } from './manual-clock.ts'
export type { MemoryOptions } from './memory.ts'
export { type MemoryStore, memoryStore } from './memory-store.ts'
export { seededIds, seededRandom } from './seeded-ids.ts'
