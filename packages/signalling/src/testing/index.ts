export type { SipRequest } from '../sip/message/message.ts'
export { parseMessage } from '../sip/message/parse.ts'
export { createTransactionLayer } from '../sip/transaction/layer.ts'
export type { Tokens } from '../sip/transaction/ports.ts'
export { type Bench, type BenchAgent, type BenchSetUp, bench } from './bench.ts'
export { demoDirectory, demoObjects } from './demo-objects.ts'
export { FakeFlow, type FakeNetwork, fakeFlowPair } from './fake-flow.ts'
export { faultsOfFeed, faultsOfLegs } from './history.ts'
export { ManualClock } from './manual-clock.ts'
export type { MemoryOptions } from './memory.ts'
export { type MemoryStore, memoryStore } from './memory-store.ts'
export { seededIds, seededRandom } from './seeded-ids.ts'
export { type BareInput, type BenchEndpoint, type SipBench, sipBench } from './sip-bench.ts'
export { sipDirectory, sipReach } from './sip-centre.ts'
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
export { answerTo, incomingRequest, replyHeaders } from './sip-incoming.ts'
