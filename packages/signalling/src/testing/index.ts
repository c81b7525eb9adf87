export { DrachtioStandIn } from '../drachtio/testing/stand-in.ts'
export { parseDigest } from '../sip/digest/parse-digest.ts'
export { type Capabilities, examine } from '../sip/message/examine.ts'
export { type Framed, StreamFramer } from '../sip/message/framer.ts'
export { type Contacts, contactExpires, contactQ, readContacts } from '../sip/message/header-contact.ts'
export { parseDate, parseRetryAfter } from '../sip/message/header-values.ts'
export { defaultLimits, type MessageLimits } from '../sip/message/limits.ts'
export type { SipMessage, SipRequest, SipResponse } from '../sip/message/message.ts'
export { parseNameAddr } from '../sip/message/name-addr.ts'
export { parseMessage } from '../sip/message/parse.ts'
export { printRequest, printResponse, viaValue } from '../sip/message/print.ts'
export { parseUri, printUri, sameUri } from '../sip/message/uri.ts'
export { parseVia } from '../sip/message/via.ts'
export { createTransactionLayer } from '../sip/transaction/layer.ts'
export type { Tokens } from '../sip/transaction/ports.ts'
export type { ParseFault } from '../sip/transport/flow.ts'
export { type Bench, type BenchAgent, type BenchSetUp, bench } from './bench.ts'
export { type IssuedCertificate, type TestAuthority, testAuthority } from './certificates.ts'
export { demoDirectory, demoObjects } from './demo-objects.ts'
export { FakeFlow, type FakeNetwork, fakeFlowPair } from './fake-flow.ts'
export { faultsOfFeed, faultsOfLegs } from './history.ts'
export { realClock } from './live-transports.ts'
export { ManualClock } from './manual-clock.ts'
export type { MemoryOptions } from './memory.ts'
export { type MemoryStore, memoryStore } from './memory-store.ts'
export { seededIds, seededRandom } from './seeded-ids.ts'
export { type BareInput, type BenchEndpoint, type SipBench, sipBench } from './sip-bench.ts'
export { sipDirectory, sipReach } from './sip-centre.ts'
export { answerTo, incomingRequest, replyHeaders } from './sip-incoming.ts'
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
