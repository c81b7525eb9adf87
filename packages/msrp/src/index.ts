export { type ByteRange, parseByteRange, printByteRange } from './message/byte-range.ts'
export { type MsrpUri, msrpUriLimits, parseMsrpUri, printMsrpUri, sameMsrpUri } from './message/msrp-uri.ts'
