import { mediaType } from './media-type.ts'
import { childText, escapeXml, readXml } from './xml.ts'

/** The Content-Type of RFC 3994. */
export const isComposingType = 'application/im-iscomposing+xml'

const namespace = 'urn:ietf:params:xml:ns:im-iscomposing'

/** Whether somebody is writing. RFC 3994 §3. */
export interface IsComposing {
  readonly state: 'active' | 'idle'
  /** Of what is being written. */
  readonly contentType?: string
  /** When a key was last pressed; RFC 3339. */
  readonly lastActive?: string
  /** Seconds after which `active` is over if nothing comes; 120 where there is none. */
  readonly refresh?: number
}

/** Seconds an `active` without `refresh` lasts. RFC 3994 §3.3. */
export const isComposingTimeout = 120

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i // RFC 3339 §5.6
const longestType = 127

/** Seconds; a longer refresh is not believed. */
const longestRefresh = 86_400

/** Reads the document; undefined where it is none. A state nobody knows is `idle` (RFC 3994 §3.1). */
export function parseIsComposing(body: Uint8Array): IsComposing | undefined {
  const root = readXml(body)
  if (root?.name !== 'isComposing' || root.namespace !== namespace) return undefined
  const state = childText(root, 'state')
  if (state === undefined) return undefined
  const contentType = childText(root, 'contenttype')
  const lastActive = childText(root, 'lastactive')
  const refresh = childText(root, 'refresh') ?? ''
  const seconds = /^\d{1,9}$/.test(refresh) ? Number(refresh) : 0
  return {
    state: state === 'active' ? 'active' : 'idle',
    ...(contentType !== undefined && contentType.length <= longestType && { contentType }),
    ...(lastActive !== undefined && dateTime.test(lastActive) && { lastActive }),
    ...(seconds > 0 && { refresh: Math.min(seconds, longestRefresh) }),
  }
}

/** The document. */
export function printIsComposing({ state, contentType, lastActive, refresh }: IsComposing): Uint8Array {
  const element = (name: string, text: string | undefined) =>
    text === undefined ? '' : `<${name}>${escapeXml(text)}</${name}>`
  return new TextEncoder().encode(
    `<?xml version="1.0" encoding="UTF-8"?>\r\n<isComposing xmlns="${namespace}">` +
      `<state>${state}</state>${element('lastactive', lastActive)}${element('contenttype', contentType)}` +
      `${element('refresh', refresh?.toString())}</isComposing>`,
  )
}

/** Whether a body of this type is about composing. */
export function isIsComposing(contentType: string): boolean {
  return mediaType(contentType) === isComposingType
}
