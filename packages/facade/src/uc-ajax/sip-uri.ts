/** SIP URIs as clients of the UC AJAX API write them: with or without scheme, port, parameters. Pure. */
import { parseUri } from '@ringdown/signalling'

/** Characters of a URI that is looked at. */
const longest = 512

export interface WrittenURI {
  /** Without escapes. */
  user: string
  /** In lower case; absent where only a name or a number was written. */
  host?: string
  /** A conference's focus, uc-ajax-api §4.15. */
  isConference: boolean
}

/** Takes a URI apart, uc-ajax-api §6; undefined where it is none. Port, parameters and headers say nothing about who is meant. */
export function readURI(written: string): WrittenURI | undefined {
  const text = written.trim()
  if (text === '' || text.length > longest) return undefined
  const rest = text.replace(/^sips?:/i, '')
  const named = rest.includes('@')
  const uri = parseUri(named ? `sip:${rest}` : `sip:${rest.split(/[;?]/, 1)[0]}@none.invalid`)
  // What looks like a password is another scheme: `mailto:anna@demo`.
  if (uri?.user === undefined || uri.password !== undefined) return undefined
  const isConference = uri.params.get('opaque')?.toLowerCase().startsWith('app:conf') ?? false
  return { user: uri.user, ...(named && { host: uri.host }), isConference }
}

/** The URI of a user, whatever the name holds. */
export function sipURI(user: string, host: string): string {
  // RFC 3261 §25.1 allows a few more characters than JavaScript leaves as they are.
  const escaped = encodeURIComponent(user.toWellFormed()).replace(/%(24|26|2B|2C|3D)/g, (code) =>
    decodeURIComponent(code),
  )
  return `sip:${escaped}@${host.includes(':') ? `[${host}]` : host}`
}
