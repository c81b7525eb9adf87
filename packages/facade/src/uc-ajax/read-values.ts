import { attribute, child, childrenOf, type XmlElement } from './element.ts'
import { CwaError } from './error.ts'
import { longestRid } from './tag.ts'
import { shown } from './xml.ts'

/** The most URIs of one request. */
export const mostURIs = 32
const longestURI = 1_024

export function invalid(detail: string): CwaError {
  return new CwaError('InvalidRequest', detail)
}

/** Any string, given back as it is: uc-ajax-api §6, 8. */
export function ridOf(element: XmlElement): string {
  const rid = attribute(element, 'rid')
  if (rid === undefined || rid === '') throw invalid(`${shown(element.name)} needs a rid.`)
  if (Buffer.byteLength(rid) > longestRid) throw invalid(`A rid may take ${longestRid} bytes.`)
  return rid
}

/** An integer that is not negative; undefined where there is none. */
export function integer(value: string | undefined, name: string, largest: number): number | undefined {
  if (value === undefined) return undefined
  const digits = value.trim()
  if (!/^\d{1,15}$/.test(digits) || Number(digits) > largest) throw invalid(`${name} has to be a number.`)
  return Number(digits)
}

/** The text of a child; undefined where the child is missing or blank. */
export function textIn(element: XmlElement, name: string): string | undefined {
  return child(element, name)?.text.trim() || undefined
}

/** A word of a list, in lower case; samples have them in any case and in quotes: uc-ajax-api §6, 22. */
export function word(element: XmlElement): string {
  return element.text
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
    .trim()
    .toLowerCase()
}

/** What is within `uris`, trimmed (uc-ajax-api §6, 3). */
export function urisIn(element: XmlElement, most: number = mostURIs): readonly string[] {
  const uris = childrenOf(element, 'uris').flatMap((list) => childrenOf(list, 'uri').map(uri))
  if (uris.length === 0) throw invalid(`${shown(element.name)} needs uris with a uri.`)
  if (uris.length > most) throw invalid(`uris may hold ${most} uri elements.`)
  return uris
}

/** The text of an element that is a URI; whose it is, is seen later. */
export function uri(element: XmlElement): string {
  const found = element.text.trim()
  if (found === '') throw invalid(`${shown(element.name)} is empty.`)
  if (found.length > longestURI) throw invalid(`A URI may have ${longestURI} characters.`)
  return found
}
