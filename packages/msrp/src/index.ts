export { type ByteRange, parseByteRange, printByteRange } from './message/byte-range.ts'
export { acceptsType } from './message/media-type.ts'
export { type MsrpUri, msrpUriLimits, parseMsrpUri, printMsrpUri, sameMsrpUri } from './message/msrp-uri.ts'
export { type MsrpLimits, msrpLimits } from './session/limits.ts'
export type {
  MsrpMessage,
  MsrpReport,
  MsrpSession,
  MsrpStack,
  MsrpTransport,
  OpenSession,
  OutgoingMessage,
  RemoteEnd,
  Sent,
  SessionUser,
  Taken,
} from './session/ports.ts'
export type { Drop } from './session/wire.ts'
export { createMsrpStack, type MsrpListen, type MsrpStackOptions } from './transport/stack.ts'
