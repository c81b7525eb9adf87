/** How much of a message is read. Whatever is longer is refused before anything is built from it. */
export interface MessageLimits {
  /** Bytes of the start line and all header lines together. More: 513 (RFC 3261 §21.5.7). */
  readonly headBytes: number
  /** Bytes of one header line, folds included. More: 400. */
  readonly lineBytes: number
  /** Header lines. More: 400. */
  readonly headerLines: number
  /** Bytes of a Request-URI. More: 414. */
  readonly uriBytes: number
  /** Bytes of a body. More: 413. */
  readonly bodyBytes: number
}

/** Three times what RFC 4475's longest message needs; a body holds the longest text an operator can allow, wrapped in CPIM. */
export const defaultLimits: MessageLimits = {
  headBytes: 32_768,
  lineBytes: 8_192,
  headerLines: 128,
  uriBytes: 2_048,
  bodyBytes: 262_144,
}

/** Values of one list header, URI parameters, header parameters: what a handler has to look through at most. */
export const maxListValues = 128

/** Brackets within brackets of a comment, RFC 3261 §25.1. */
export const maxCommentDepth = 8
