import { attribute, child, childrenOf, type XmlElement } from './element.ts'
import { CwaError, type CwaFailure } from './error.ts'
import { readConference } from './read-conference.ts'
import { integer, invalid, ridOf, textIn, uri, urisIn, word } from './read-values.ts'
import type { CwaRequest, CwaRequests } from './request.ts'
import { unexpectedIn } from './vocabulary.ts'
import { shown } from './xml.ts'

/** Requests of one body, and people of one question about presence. */
const mostRequests = 64
const mostContacts = 200
const largestSid = Number.MAX_SAFE_INTEGER
/** Availabilities have five digits at most: uc-ajax-api §2.2. */
const largestAvailability = 99_999
const longestName = 256
const longestPassword = 1_024

/** Where the body was posted to, and whether what is unknown is refused rather than counted (uc-ajax-api §6). */
interface How {
  channel: 'logon' | 'command'
  strict: boolean
}

/** Reads a `cwaRequests`: uc-ajax-api §1.4, §2, §3 and §6. The failure is about the whole body. */
export function readRequests(root: XmlElement, how: How): CwaRequests | { failure: CwaFailure } {
  try {
    return read(root, how)
  } catch (error) {
    if (error instanceof CwaError) return { failure: error.failure }
    throw error
  }
}

function read(root: XmlElement, how: How): CwaRequests {
  if (root.name.toLowerCase() !== 'cwarequests')
    throw new CwaError('InvalidFormat', `The root has to be cwaRequests; it is ${shown(root.name)}.`)
  if (root.children.length > mostRequests) throw invalid(`One body may hold ${mostRequests} requests.`)
  const sid = integer(attribute(root, 'sid'), 'sid', largestSid) ?? 0
  const strange = [...root.attributes.keys()].filter((name) => name.toLowerCase() !== 'sid')
  if (how.strict && strange.length > 0) throw unexpected(strange)

  const requests: CwaRequest[] = []
  let count = strange.length
  for (const element of root.children) {
    const reader = readers.get(element.name.toLowerCase())
    const unknown = reader ? unexpectedIn(element) : [element.name]
    count += unknown.length
    if (!reader && !how.strict) continue
    requests.push(readOne(element, reader, how.strict ? unknown : [], how.channel))
  }
  return { sid, requests, unexpected: count }
}

function readOne(
  element: XmlElement,
  reader: Reader | undefined,
  refused: readonly string[],
  channel: How['channel'],
): CwaRequest {
  try {
    if (!reader || refused.length > 0) throw unexpected(refused)
    if ((reader === logon) !== (channel === 'logon')) throw invalid(wrongChannel[channel])
    return reader(element)
  } catch (error) {
    if (!(error instanceof CwaError)) throw error
    const rid = attribute(element, 'rid')
    return { request: 'invalid', ...(rid !== undefined && { rid }), failure: error.failure }
  }
}

const wrongChannel = {
  logon: 'Only logon is answered here; other requests go to the command channel.',
  command: 'logon is not answered on the command channel.',
}

function unexpected([name = '']: readonly string[]): CwaError {
  return invalid(`${shown(name)} is not known here.`)
}

type Reader = (element: XmlElement) => CwaRequest

/** uc-ajax-api §2.5; the lists there are cut, and names of elements beside theirs are taken in as well. */
const ignored = [
  'acknowledgeSubscriber',
  'addContact',
  'addGroup',
  'addMember',
  'containers',
  'deleteContact',
  'deleteGroup',
  'deleteMember',
  'publishRawCategories',
  'search',
  'unsubscribePresence',
  'updateContact',
  'updateContainer',
  'updateGroup',
]

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['logon', logon],
  ['initiatesession', initiateSession],
  ['terminatesession', (element) => ({ request: 'terminateSession', rid: ridOf(element) })],
  ['conference', readConference],
  ['querypresence', (element) => askPresence(element, 'queryPresence')],
  ['subscribepresence', (element) => askPresence(element, 'subscribePresence')],
  ['publishselfpresence', publishSelfPresence],
  ...ignored.map((name): [string, Reader] => [
    name.toLowerCase(),
    (element) => ({ request: 'ignored', rid: ridOf(element), name }),
  ]),
])

/** uc-ajax-api §2.1. A password is taken as it stands, white space and all. */
function logon(element: XmlElement): CwaRequest {
  const user = child(element, 'user')?.text.trim()
  const password = child(element, 'password')?.text
  if ((user?.length ?? 0) > longestName || (password?.length ?? 0) > longestPassword)
    throw invalid('The user name or the password is too long.')
  return { request: 'logon', ...(user !== undefined && { user }), ...(password !== undefined && { password }) }
}

/** uc-ajax-api §2.2. Of what may be there several times the first one counts. */
function initiateSession(element: XmlElement): CwaRequest {
  const rid = ridOf(element)
  const securityMode = securityModeOf(child(element, 'securityMode'))
  const availability = integer(textIn(element, 'userStateAvailability'), 'userStateAvailability', largestAvailability)
  return {
    request: 'initiateSession',
    rid,
    ...(securityMode && { securityMode }),
    ...(availability !== undefined && { availability }),
    debug: wantsDebug(child(element, 'options')),
  }
}

function securityModeOf(element: XmlElement | undefined): 'public' | 'private' | undefined {
  const mode = element ? word(element) : ''
  if (mode === '') return undefined
  if (mode === 'public' || mode === 'private') return mode
  throw invalid('securityMode has to be public or private.')
}

/** The switch is mentioned, its spelling is not known: whatever has `debug` in its name. */
function wantsDebug(options: XmlElement | undefined): boolean {
  return [...(options?.attributes ?? [])].some(
    ([name, value]) => /debug/i.test(name) && /^(?:true|1)$/i.test(value.trim()),
  )
}

/** uc-ajax-api §2.5. As the pages are cut, `uri` elements without a list are taken too. */
function askPresence(element: XmlElement, request: 'queryPresence' | 'subscribePresence'): CwaRequest {
  const rid = ridOf(element)
  const bare = childrenOf(element, 'uri').map(uri)
  if (bare.length > mostContacts) throw invalid(`${request} may name ${mostContacts} people.`)
  return { request, rid, uris: bare.length > 0 ? bare : urisIn(element, mostContacts) }
}

/** uc-ajax-api §2.5: the state a person chose. What machines and calendars say (`xsi:type`) is not of this kind. */
function publishSelfPresence(element: XmlElement): CwaRequest {
  const rid = ridOf(element)
  const chosen = childrenOf(element, 'cwaCategory')
    .flatMap((category) => childrenOf(category, 'state'))
    .filter((state) => /(?:^|:)userState$/i.test(attribute(state, 'type')?.trim() ?? 'userState'))
    .flatMap((state) => childrenOf(state, 'availability'))
  const [said] = [...chosen, ...childrenOf(element, 'userStateAvailability')]
  const availability = integer(said?.text.trim() || undefined, 'availability', largestAvailability)
  return { request: 'publishSelfPresence', rid, ...(availability !== undefined && { availability }) }
}
