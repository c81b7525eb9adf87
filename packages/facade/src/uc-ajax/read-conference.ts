import { attribute, child, childrenOf, type XmlElement } from './element.ts'
import { integer, invalid, ridOf, textIn, uri, urisIn, word } from './read-values.ts'
import type { ConferenceRequest, CwaMessage } from './request.ts'
import { shown } from './xml.ts'

const largestConfId = 2 ** 31 - 1
const longestSubject = 1_024
const mostFormats = 8
const longestFormat = 1_024

type What = ConferenceRequest extends infer R
  ? R extends ConferenceRequest
    ? Omit<R, 'rid' | 'confId'>
    : never
  : never

/** Requests within `conference` by name in lower case: uc-ajax-api §3.1 … §3.11. */
const readers: ReadonlyMap<string, (element: XmlElement) => What> = new Map<string, (element: XmlElement) => What>([
  ['initiateimsession', initiate],
  ['initateimsession', initiate], // The samples' spelling: uc-ajax-api §6, 1.
  ['acceptimsession', () => ({ request: 'acceptImSession' })],
  ['terminateimsession', () => ({ request: 'terminateImSession' })],
  ['sendmessage', (element) => ({ request: 'sendMessage', message: messageToSend(element) })],
  ['notifycomposing', (element) => ({ request: 'notifyComposing', composing: isComposing(element) })],
  ['sendinfo', sendInfo],
  ['inviteparticipants', (element) => ({ request: 'inviteParticipants', uris: urisIn(element) })],
  ['ejectparticipant', (element) => ({ request: 'ejectParticipant', uri: uri(element) })],
  ['promoteparticipant', (element) => ({ request: 'promoteParticipant', uri: uri(element) })],
  ['lock', (element) => ({ request: 'lock', lock: isLock(element) })],
  ['voipredirect', () => ({ request: 'voIPRedirect' })],
  ['voipterminate', () => ({ request: 'voIPTerminate' })],
  ['voipreplywithim', () => ({ request: 'voIPReplyWithIM' })],
])

/** Reads a `conference`, which holds exactly one request: uc-ajax-api §3.0. */
export function readConference(element: XmlElement): ConferenceRequest {
  const rid = ridOf(element)
  const confId = integer(attribute(element, 'confId'), 'confId', largestConfId) ?? 0
  const known = element.children.filter(({ name }) => readers.has(name.toLowerCase()))
  const [one] = known
  if (!one) throw invalid('conference needs a request.')
  if (known.length > 1) throw invalid('conference may hold one request only.')
  const read = readers.get(one.name.toLowerCase())
  if (!read) throw new Error(`no reader of ${one.name}`)
  return { rid, confId, ...read(one) }
}

function initiate(element: XmlElement): What {
  const confUri = child(element, 'confUri')
  const uris = child(element, 'uris') || !confUri ? urisIn(element) : []
  const message = child(element, 'message')
  if (!message) throw invalid(`${shown(element.name)} needs a message.`)
  // A subject is one line: it may become a SIP header.
  const subject = textIn(element, 'subject')?.replace(/\s+/g, ' ')
  if (subject !== undefined && subject.length > longestSubject)
    throw invalid(`A subject may have ${longestSubject} characters.`)
  return {
    request: 'initiateImSession',
    uris,
    // uc-ajax-api §6, 5: formats within the message, or beside it.
    message: { formats: formatsIn(message, element), content: contentOf(message) },
    ...(subject !== undefined && { subject }),
    ...(confUri && { confUri: uri(confUri) }),
  }
}

/** uc-ajax-api §6, 6: without a wrapper, as documented, or within `message`. */
function messageToSend(element: XmlElement): CwaMessage {
  const wrapper = child(element, 'message')
  const from = child(element, 'content') || !wrapper ? element : wrapper
  return { formats: wrapper ? formatsIn(wrapper, element) : formatsIn(element), content: contentOf(from) }
}

/** The text as it was written; a blank one is refused (uc-ajax-api §6), and so are elements within it, rather than lost. */
function contentOf(element: XmlElement): string {
  const content = child(element, 'content')
  if (!content) throw invalid(`${shown(element.name)} needs content.`)
  if (content.children.length > 0) throw invalid('content is a text: markup in it has to be escaped.')
  if (content.text.trim() === '') throw invalid('content is empty.')
  return content.text
}

function formatsIn(...elements: readonly XmlElement[]): readonly string[] {
  const formats = elements
    .flatMap((element) => childrenOf(element, 'format'))
    .map(({ text }) => formatLine(text))
    .filter((format) => format !== '')
  if (formats.length > mostFormats || formats.some(({ length }) => length > longestFormat))
    throw invalid(`A message may have ${mostFormats} formats of ${longestFormat} characters.`)
  return formats
}

/** One line, without what a sample has around it: uc-ajax-api §6, 2. */
function formatLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.endsWith(']') && !line.includes('[') ? line.slice(0, -1).trim() : line
}

function isComposing(element: XmlElement): boolean {
  const state = word(element)
  if (state !== 'composing' && state !== 'idle') throw invalid('notifyComposing has to be composing or idle.')
  return state === 'composing'
}

function isLock(element: XmlElement): boolean {
  const lock = word(element)
  if (!['true', 'false', '1', '0'].includes(lock)) throw invalid('lock has to be true or false.')
  return lock === 'true' || lock === '1'
}

function sendInfo(element: XmlElement): What {
  const contentType = textIn(element, 'contentType')
  if (contentType === undefined || contentType.length > 255) throw invalid('sendInfo needs a contentType.')
  return { request: 'sendInfo', contentType, content: contentOf(element) }
}
