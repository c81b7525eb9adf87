export { type ByteRange, parseByteRange, printByteRange } from './message/byte-range.ts'
export {
  type Cpim,
  type CpimAddress,
  type CpimHeader,
  type CpimParts,
  cpimContentType,
  cpimHeader,
  cpimHeaders,
  cpimLimits,
  cpimType,
  parseCpim,
  parseCpimAddress,
  printCpim,
} from './message/cpim.ts'
export {
  type Fault,
  type Flag,
  type Head,
  type HeaderLine,
  headerOf,
  type RequestHead,
  type ResponseHead,
} from './message/frame.ts'
export {
  type IsComposing,
  isComposingTimeout,
  isComposingType,
  isIsComposing,
  parseIsComposing,
  printIsComposing,
} from './message/im-iscomposing.ts'
export {
  type Disposition,
  dispositions,
  type Imdn,
  imdnHeaders,
  imdnType,
  parseImdn,
  printImdn,
} from './message/imdn.ts'
export { acceptsType, mediaType } from './message/media-type.ts'
export { type MsrpUri, msrpUriLimits, parseMsrpUri, printMsrpUri, sameMsrpUri } from './message/msrp-uri.ts'
export { FrameParser, type FrameUser, frameLimits } from './message/parse.ts'
export { printRequest, printResponse, type RequestParts, type ResponseParts } from './message/print.ts'
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
export type { Drop, MsrpTap, WireEnds } from './session/wire.ts'
export { createMsrpStack, type MsrpListen, type MsrpStackOptions } from './transport/stack.ts'
export type { Identity } from './transport/tcp.ts'
