import { isUtf8 } from 'node:buffer'

/** What an `Authorization: Basic` header says. */
export interface Credentials {
  user: string
  password: string
}

/**
 * Reads RFC 7617 §2 credentials. Browsers send UTF-8, the .NET client ISO-8859-1: bytes that are no UTF-8 are read as the latter.
 * Undefined for any other scheme and for what has no colon.
 */
export function parseBasic(authorization: string): Credentials | undefined {
  const token = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i.exec(authorization)?.[1]
  if (token === undefined) return undefined
  const bytes = Buffer.from(token, 'base64')
  const text = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
  const colon = text.indexOf(':')
  if (colon < 1) return undefined
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}
