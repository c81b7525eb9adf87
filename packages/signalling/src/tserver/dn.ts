import { type Annex, type Problem, readBoolean, readInteger } from './annex.ts'
import type { Leg } from './call.ts'
import type { DNumber } from './ids.ts'

/** DN types this engine knows, with their numbers in the configuration layer. */
export const dnTypes = {
  Extension: 1,
  'ACD Position': 2,
  'Routing Point': 4,
  Trunk: 14,
  'Voice over IP Service': 29,
} as const
export type DNType = keyof typeof dnTypes

/** What the `[TServer]` section of a DN's Annex says, with the defaults filled in. */
export interface TServerOptions {
  /** `multimedia`: the DN can carry IM. Default false. */
  multimedia: boolean
  /** `sip-signaling-chat` (also read as `sip-signalling-chat`): `none` takes the SIP leg away; null where it is absent. */
  sipSignalingChat: string | null
  /** `auto-answer`: the engine answers for this DN. Default true with `sip-signaling-chat=none`, false otherwise. */
  autoAnswer: boolean
  /** `auto-answer-delay`, milliseconds after EventRinging. Default 0. */
  autoAnswerDelay: number
  /** `no-answer-timeout`, seconds until a ringing IM call is given up. Default 30. */
  noAnswerTimeout: number
  /** `password`: the DN's secret for digest authentication. Never logged. */
  password: string | null
  /** `contact`: the SIP URI at which the DN is reached; null: it must register. */
  contact: string | null
  /** `contact-list`: further SIP URIs of a trunk or device. */
  contactList: readonly string[]
  /** `prefix`: the beginning of the numbers a trunk takes; empty: every number. Null: none go out over it. */
  prefix: string | null
  /** `replace-prefix`: what stands in place of `prefix` in the number sent to the trunk; null: the number stays as it is. */
  replacePrefix: string | null
  /** `service-type`: what a Voice over IP Service is for, in lower case; `softswitch` makes it a trunk. */
  serviceType: string | null
  /** `authenticate-requests`: SIP methods that are challenged, in upper case. */
  authenticateRequests: readonly string[]
  /** `oos-check` and `oos-force`, seconds; 0 is off. */
  oosCheck: number
  oosForce: number
  /** `store-and-forward`: a MESSAGE is kept while the DN's agent, or its endpoint, cannot be reached. Default false. */
  storeAndForward: boolean
  /** `im-idle-timeout`, seconds without a text after which a session in pager mode ends. Default 600. */
  imIdleTimeout: number
  /** `im-composing`, `im-delivery-reports`, `im-display-reports`: such notices go to the DN and come from it. Default true. */
  imComposing: boolean
  imDeliveryReports: boolean
  imDisplayReports: boolean
  /** `msrp-sessmatch`: MSRP peers are known by the session id alone, for something on the way rewrites their paths. Default false. */
  msrpSessmatch: boolean
}

export interface DN {
  number: DNumber
  type: DNType
  switch: string
  annex: Annex
  options: TServerOptions
  /** Names of `[TServer]` options this engine does not know; kept in the Annex, and listed. */
  unknownOptions: readonly string[]
}

/** Whether the DN is a way out: a Trunk, or a Voice over IP Service that is a softswitch. */
export function isTrunk({ type, options }: DN): boolean {
  return type === 'Trunk' || (type === 'Voice over IP Service' && options.serviceType === 'softswitch')
}

/** How an IM call reaches the DN; null where the DN cannot carry IM. */
export function imLeg(dn: DN): Leg | null {
  if (!dn.options.multimedia) return null
  return dn.options.sipSignalingChat === 'none' ? 'tlibrary' : 'sip'
}

/** What was found in a DN's `[TServer]` section. `options` may be used only when `problems` is empty. */
export interface TServerReading {
  options: TServerOptions
  /** Options this engine does not know, as written. */
  unknown: readonly string[]
  problems: readonly Problem[]
  warnings: readonly Problem[]
}

const section = 'TServer'
const known = new Set([
  'multimedia',
  'sip-signaling-chat',
  'sip-signalling-chat',
  'auto-answer',
  'auto-answer-delay',
  'no-answer-timeout',
  'password',
  'contact',
  'contact-list',
  'prefix',
  'replace-prefix',
  'service-type',
  'authenticate-requests',
  'oos-check',
  'oos-force',
  'store-and-forward',
  'im-idle-timeout',
  'im-composing',
  'im-delivery-reports',
  'im-display-reports',
  'msrp-sessmatch',
])

// ACK and CANCEL cannot be challenged: RFC 3261 §22.1.
const challengeable = new Set(
  'BYE INFO INVITE MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE UPDATE'.split(' '),
)

/** Reads the `[TServer]` section of a DN's Annex. Every problem and warning names the DN. SPEC DN-1 to DN-7. */
export function readTServerOptions(annex: Annex, dnName: string): TServerReading {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const written = new Map(Object.entries(annex[section] ?? {}))
  const say = (list: Problem[], option: string, message: string) =>
    list.push({ path: [section, option], message: `DN ${dnName}: ${message}` })
  const wrong = (option: string, wanted: string) => {
    // A secret must not reach the log by way of a message about it; no other option holds one.
    const value = option === 'password' ? '' : ` '${written.get(option)}'`
    say(problems, option, `option ${option}${value} is not ${wanted}`)
  }

  const bool = (option: string, otherwise: boolean): boolean => {
    const text = written.get(option)
    if (text === undefined) return otherwise
    const value = readBoolean(text)
    if (value === undefined) wrong(option, 'one of true, false, yes, no, on, off, 1, 0')
    return value ?? otherwise
  }
  const integer = (option: string, otherwise: number, least: number, most: number): number => {
    const text = written.get(option)
    if (text === undefined) return otherwise
    const value = readInteger(text, least, most)
    if (value === undefined) wrong(option, `a whole number from ${least} to ${most}`)
    return value ?? otherwise
  }

  for (const name of Object.keys(annex)) {
    if (name !== section && name.toLowerCase() === section.toLowerCase())
      warnings.push({ path: [name], message: `DN ${dnName}: section [${name}] is not read; write [${section}]` })
  }
  const unknown = [...written.keys()].filter((option) => !known.has(option))
  for (const option of unknown) {
    if (known.has(option.toLowerCase()))
      say(warnings, option, `option ${option} is not read; write ${option.toLowerCase()}`)
  }

  const sipSignalingChat = readChatSignaling(written, (list, option, message) =>
    say(list === 'problem' ? problems : warnings, option, message),
  )
  const multimedia = bool('multimedia', false)
  if (!multimedia && sipSignalingChat !== null)
    say(warnings, 'multimedia', 'sip-signaling-chat has no effect without multimedia=true')

  const autoAnswer = bool('auto-answer', sipSignalingChat === 'none')
  const autoAnswerDelay = integer('auto-answer-delay', 0, 0, 600_000)
  if (!autoAnswer && written.has('auto-answer-delay'))
    say(warnings, 'auto-answer-delay', 'auto-answer-delay has no effect where auto-answer is off')

  const password = written.get('password') ?? null
  if (password === '') wrong('password', 'usable: it is empty')
  const authenticateRequests = readMethods(written.get('authenticate-requests') ?? '', (message) =>
    say(problems, 'authenticate-requests', message),
  )
  if (authenticateRequests.length > 0 && password === null)
    say(problems, 'authenticate-requests', 'authenticate-requests needs a password to check against')

  const contact = readContact(written.get('contact') ?? '')
  if (contact === undefined) wrong('contact', 'a SIP URI')
  const contactList = readContactList(written.get('contact-list') ?? '', (message) =>
    say(problems, 'contact-list', message),
  )
  if (contactList.length > 0 && contact === null)
    say(warnings, 'contact-list', 'contact-list has no effect without contact')

  const prefix = readPrefix(written.get('prefix'))
  if (prefix === undefined) wrong('prefix', prefixForm)
  const replacePrefix = readPrefix(written.get('replace-prefix'))
  if (replacePrefix === undefined) wrong('replace-prefix', prefixForm)
  if (replacePrefix != null && !written.has('prefix'))
    say(warnings, 'replace-prefix', 'replace-prefix has no effect without prefix')

  const oosCheck = integer('oos-check', 0, 0, 86_400)
  const oosForce = integer('oos-force', 0, 0, 86_400)
  if (oosForce > 0 && oosCheck === 0) say(warnings, 'oos-force', 'oos-force has no effect without oos-check')

  const options = {
    multimedia,
    sipSignalingChat,
    autoAnswer,
    autoAnswerDelay,
    noAnswerTimeout: integer('no-answer-timeout', 30, 1, 86_400),
    password,
    contact: contact ?? null,
    contactList,
    prefix: prefix ?? null,
    replacePrefix: replacePrefix ?? null,
    serviceType: written.get('service-type')?.trim().toLowerCase() || null,
    authenticateRequests,
    oosCheck,
    oosForce,
    storeAndForward: bool('store-and-forward', false),
    imIdleTimeout: integer('im-idle-timeout', 600, 1, 86_400),
    imComposing: bool('im-composing', true),
    imDeliveryReports: bool('im-delivery-reports', true),
    imDisplayReports: bool('im-display-reports', true),
    msrpSessmatch: bool('msrp-sessmatch', false),
  }
  return { options, unknown, problems, warnings }
}

type Say = (list: 'problem' | 'warning', option: string, message: string) => void

// SPEC DN-2. The server's own pages write one l, the Web Services pages two; what both mean is the same option.
function readChatSignaling(written: ReadonlyMap<string, string>, say: Say): string | null {
  const [one, two] = ['sip-signaling-chat', 'sip-signalling-chat'].map((option) => {
    const value = written.get(option)?.trim() ?? ''
    return /^none$/i.test(value) ? 'none' : value || null
  })
  if (written.has('sip-signalling-chat')) {
    if (written.has('sip-signaling-chat') && one !== two)
      say('problem', 'sip-signalling-chat', 'sip-signaling-chat and sip-signalling-chat contradict each other')
    else say('warning', 'sip-signalling-chat', 'sip-signalling-chat is read as sip-signaling-chat; write it with one l')
  }
  return one ?? two ?? null
}

function readMethods(text: string, wrong: (message: string) => void): readonly string[] {
  const methods = new Set<string>()
  for (const part of text.split(',')) {
    const method = part.trim().toUpperCase()
    if (method === '') continue
    if (challengeable.has(method)) methods.add(method)
    else wrong(`authenticate-requests names '${part.trim()}', which is not a SIP method that can be challenged`)
  }
  return [...methods]
}

const contactForm =
  /^(?:[^\s@<>",;]+@)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.?)(?::(\d{1,5}))?(?:;[^\s<>",]*)?$/i

/** Null: no address, the DN registers (`*` says the same). Undefined: not an address. A missing scheme means `sip:`. */
function readContact(text: string): string | null | undefined {
  const written = text.trim()
  if (written === '' || written === '*') return null
  const scheme = /^sips?:/i.exec(written)?.[0] ?? ''
  const match = contactForm.exec(written.slice(scheme.length))
  if (!match || (match[1] !== undefined && (Number(match[1]) < 1 || Number(match[1]) > 65_535))) return undefined
  return scheme === '' ? `sip:${written}` : written
}

function readContactList(text: string, wrong: (message: string) => void): readonly string[] {
  const contacts: string[] = []
  for (const part of text.split(',')) {
    if (part.trim() === '') continue
    const contact = readContact(part)
    if (typeof contact === 'string') contacts.push(contact)
    else wrong(`contact-list names '${part.trim()}', which is not a SIP URI`)
  }
  return contacts
}

const prefixForm = 'at most 32 characters of 0-9, A-Z, a-z and + * # . _ -'

/** Null: not written. Undefined: not the beginning of a number. */
function readPrefix(text: string | undefined): string | null | undefined {
  if (text === undefined) return null
  const prefix = text.trim()
  return /^[0-9A-Za-z+*#._-]{0,32}$/.test(prefix) ? prefix : undefined
}
