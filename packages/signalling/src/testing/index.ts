export { type Bench, type BenchAgent, bench } from './bench.ts'
export { demoDirectory, demoObjects } from './demo-objects.ts'
export { FakeFlow, type FakeNetwork, fakeFlowPair } from './fake-flow.ts'
export { faultsOfFeed } from './history.ts'
export { ManualClock } from './manual-clock.ts'
export type { MemoryOptions } from './memory.ts'
export { type MemoryStore, memoryStore } from './memory-store.ts'
export { seededIds, seededRandom } from './seeded-ids.ts'
export {
  type RequestText,
  readRequest,
  readResponse,
  requestBytes,
  responseBytes,
  seededTokens,
  testParts,
  testRequest,
} from './sip-messages.ts'
