import type { NameAddr, SipRequest, SipResponse } from './message.ts'
import { parseNameAddr } from './name-addr.ts'
import { decimal } from './scan.ts'

/** Seconds no header of ours goes beyond: RFC 3261 §20.19. A greater number counts as this one. */
export const maxDeltaSeconds = 2 ** 32 - 1

/** A number of seconds; undefined where it is none. One too great to be held is cut down, as RFC 4475 §3.1.2.4 leaves it to us. */
export function deltaSeconds(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined
  return decimal(text, maxDeltaSeconds) ?? maxDeltaSeconds
}

/** The Contacts of a message: addresses, `*` (RFC 3261 §10.2.2), or that they cannot be read. */
export type Contacts = readonly NameAddr[] | 'all' | 'malformed'

/** Reads every Contact; none is an empty list. A `*` beside anything else is malformed (RFC 3261 §10.3 step 6 looks at Expires). */
export function readContacts(message: SipRequest | SipResponse): Contacts {
  const values = message.headers('contact')
  if (values.length === 1 && values[0] === '*') return 'all'
  const contacts: NameAddr[] = []
  for (const value of values) {
    const contact = parseNameAddr(value)
    if (!contact) return 'malformed'
    contacts.push(contact)
  }
  return contacts
}

/** The `expires` parameter of a Contact in seconds; undefined where there is none or it is no number (RFC 3261 §10.2.1.1: as if absent). */
export function contactExpires(contact: NameAddr): number | undefined {
  return deltaSeconds(contact.params.get('expires') ?? '')
}

/** The `q` of a Contact, 0 to 1 in thousandths' precision; 1 where there is none, undefined where it is malformed. RFC 3261 §25.1. */
export function contactQ(contact: NameAddr): number | undefined {
  const text = contact.params.get('q')
  if (text === undefined) return 1
  return text !== null && /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : undefined
}
