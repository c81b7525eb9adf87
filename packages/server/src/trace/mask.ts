import { createHash } from 'node:crypto'
import { frameHeader, type TracedFrame } from './msrp-frames.ts'
import { tagName, xmlTokens } from './xml-tokens.ts'

/**
 * What may be shown of what passed. Secrets never are. Texts, and what people have written elsewhere (user data, subjects), only where
 * `texts` says so. Every mask keeps the length, so that lengths in headers stay true and a reader sees how much there was.
 */

/** Each character but line ends becomes a star. */
export function mask(text: string): string {
  return text.replace(/[^\r\n]/g, '*')
}

const secretHeaders = new Set([
  'authorization',
  'proxy-authorization',
  'www-authenticate',
  'proxy-authenticate',
  'authentication-info',
  'proxy-authentication-info',
  'cookie',
  'set-cookie',
  'cwa-ticket',
])
/** What people, or a customer's own systems, have written. RFC 7433 for the last one. */
const writtenHeader = /^(?:subject|s|x-.*|user-to-user)$/

/** Header lines with their line ends; a folded line belongs to the one before. */
function maskHeaders(lines: string, texts: boolean): string {
  return lines.replace(headerLine, (all, name: string, colon: string, value: string) => {
    const key = name.toLowerCase()
    if (secretHeaders.has(key)) return name + colon + maskSecret(value)
    return !texts && writtenHeader.test(key) ? name + colon + mask(value) : all
  })
}

/** Parameters of a challenge or an answer to one that say how it is done, and nothing else (RFC 7616 §3.3, §3.4). */
const plainParameters = new Set(['algorithm', 'qop', 'nc', 'stale', 'charset', 'userhash'])

/** The scheme and the names of parameters stay, so that readers of traces can read it. */
function maskSecret(value: string): string {
  const [, scheme = '', parameters = ''] = /^(digest\s)?([\s\S]*)$/i.exec(value) ?? []
  if (scheme === '') return mask(value)
  const shown = parameters.replace(
    /(")([^"]*)(")|([^\s,="]+)(\s*=\s*)(?!")([^\s,]+)|([^\s,="]+)(?=\s*=\s*")|[^\s,=]+/g,
    (...found) => {
      const [all, open, quoted, close, name, equals, token, named] = found as (string | undefined)[]
      if (open !== undefined) return open + mask(quoted ?? '') + close
      if (name !== undefined)
        return `${name}${equals}${plainParameters.has(name.toLowerCase()) ? token : mask(token ?? '')}`
      return named ?? mask(all ?? '')
    },
  )
  return scheme + shown
}

const headerLine = /^([^\s:]+)([ \t]*:[ \t]*)([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)/gm

/** RFC 3261 §7: lines end with CRLF. Where they do not, what is a header, and whose value, is anybody's guess; nobody takes such a message. */
const looseEnd = /\r(?!\n)|(?<!\r)\n/

/** A SIP message, one character per byte. */
export function maskSip(message: string, texts: boolean): string {
  const blank = message.indexOf('\r\n\r\n')
  const head = blank < 0 ? message : message.slice(0, blank + 4)
  if (looseEnd.test(head)) {
    const [first = ''] = /^[^\r\n]*/.exec(message) ?? []
    return veil(maskUserPasswords(first)) + mask(message.slice(first.length))
  }
  const type = /^(?:content-type|c)[ \t]*:[ \t]*([^\r\n]*)/im.exec(head)?.[1] ?? ''
  return veil(maskUserPasswords(maskHeaders(head, texts))) + maskBody(type, message.slice(head.length), texts)
}

/** RFC 3261 §19.1.1: a URI may hold its user's password. */
function maskUserPasswords(head: string): string {
  return head.replace(
    /(\bsips?:[^\s:@;?<>"]{1,256}:)([^\s@;?<>"]{1,256})(?=@)/gi,
    (_, before: string, password: string) => before + mask(password),
  )
}

/** An MSRP frame, one character per byte. */
export function maskFrame(frame: TracedFrame, texts: boolean): string {
  const type = frameHeader(frame, 'content-type') ?? ''
  return veil(maskHeaders(frame.head, texts)) + maskBody(type, frame.body, texts, isFirstChunk(frame)) + frame.tail
}

/** Only the first chunk of a message has the headers within its body. */
function isFirstChunk(frame: TracedFrame): boolean {
  return /^1-/.test(frameHeader(frame, 'byte-range') ?? '1-')
}

function maskBody(type: string, body: string, texts: boolean, isWhole = true): string {
  const media = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (media === 'application/sdp') return maskSdp(veil(body), texts)
  // One of its parts may be SDP.
  if (texts) return media.startsWith('multipart/') ? maskSdp(veil(body), texts) : body
  if (media === 'application/im-iscomposing+xml') return maskXmlBy(body, (element) => typingElements.has(element))
  if (media === 'message/imdn+xml') return maskReceipt(body)
  return media === 'message/cpim' && isWhole ? maskCpim(body) : mask(body)
}

/** Keys of media, and what opens a way to an endpoint: RFC 4566 §5.12, RFC 4568 §4, RFC 8839 §5.4. */
const secretLine = /^(k=|a=crypto:|a=ice-pwd:|a=key-mgmt:)([^\r\n]*)/gm

/** The session's name and its information are people's words (RFC 8866 §5.3, §5.4); keys are secrets. */
function maskSdp(sdp: string, texts: boolean): string {
  const shown = sdp.replace(secretLine, (_, key: string, value: string) => key + mask(value))
  return texts
    ? shown
    : shown.replace(
        /^([si]=)([^\r\n]*)/gm,
        (_, key: string, value: string) => key + (value === '-' ? value : mask(value)),
      )
}

/** What a notice of typing tells (RFC 3994 §3.2). */
const typingElements = new Set(['state', 'lastactive', 'contenttype', 'refresh'])

/** What a receipt is about, in words (RFC 5438 §7.1.2.3). */
function maskReceipt(body: string): string {
  return maskXmlBy(body, (element) => element !== 'subject' && element !== 'note')
}

/** Headers of the message, headers of its content, and the content, with a blank line behind each (RFC 3862 §2). */
function maskCpim(body: string): string {
  const [, message, inner, content] = /^([\s\S]*?\r?\n\r?\n)([\s\S]*?\r?\n\r?\n)([\s\S]*)$/.exec(body) ?? []
  if (message === undefined || inner === undefined || content === undefined) return mask(body)
  const type = /^content-type[ \t]*:[ \t]*([^\r\n]*)/im.exec(inner)?.[1] ?? ''
  return maskHeaders(message, false) + inner + maskBody(type, content, false)
}

/** Whoever knows the session id of an MSRP URI is let into the session (RFC 4975 §14.1): another one stands in its place, always the same. */
function veil(text: string): string {
  return text.replace(/(\bmsrps?:\/\/[^\s/;]+\/)([^\s;]+)/gi, (_, before: string, id: string) => before + veiled(id))
}

function veiled(id: string): string {
  const seed = createHash('sha256').update(id).digest('hex')
  let digits = seed
  for (let turn = 1; digits.length < id.length; turn++)
    digits += createHash('sha256').update(`${turn} ${seed}`).digest('hex')
  return digits.slice(0, id.length)
}

const secretKeys = /^(password|passwordhash|authorization|cookie|token|csrftoken|cwa-ticket|ssid|signindata)$/i
const writtenKeys = new Set(['text', 'message', 'body', 'content', 'subject', 'userData', 'attachedData'])

/** Nothing of ours is nested so deeply; what a client has sent may be. */
const deepest = 40

/** Whether what stands under a key is somebody's words. */
type IsWritten = (key: string, value: unknown) => boolean

/** Plain data of ours, such as a T-event or an answer. */
export function maskData(value: unknown, texts: boolean): unknown {
  // A text within the engine is an object of its own: its id and its sender are no secret, its body is.
  return walk(value, (key, each) => !texts && writtenKeys.has(key) && !(key === 'text' && isText(each)), false, 0)
}

const isText = (value: unknown): boolean => typeof value === 'object' && value !== null && 'messageID' in value

/** What requests of the API are made of beside people's words. */
const askedKeys = new Set([
  ...['operationName', 'destination', 'phoneNumber', 'devicePath', 'messageId', 'key', 'composing'],
])

/** What a client has sent: whatever the API does not know may be a text that has missed its name. SPEC TR-5. */
export function maskAsked(value: unknown, texts: boolean): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return walk(value, (key, each) => !texts && !isKnown(key, each), !texts && !isObject, 0)
}

function isKnown(key: string, value: unknown): boolean {
  return askedKeys.has(key) && !(key === 'operationName' && !/^\w{1,40}$/.test(String(value)))
}

function walk(value: unknown, isWritten: IsWritten, masked: boolean, depth: number): unknown {
  if (depth > deepest) return '*'
  if (Array.isArray(value)) return value.map((each) => walk(each, isWritten, masked, depth + 1))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => {
        if (secretKeys.test(key)) return [key, mask(typeof each === 'string' ? each : String(each))]
        return [key, walk(each, isWritten, masked || isWritten(key, each), depth + 1)]
      }),
    )
  if (!masked || value === null || value === undefined) return value
  return mask(String(value))
}

/** JSON text of ours; what is none is masked as a whole. */
export function maskJson(json: string, texts: boolean): string {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' ? JSON.stringify(maskData(value, texts)) : mask(json)
  } catch {
    return mask(json)
  }
}

/** Elements whose text the API itself writes or defines. */
const plainElements = new Set(['sid', 'uri', 'pollwaittime', 'format', 'rid', 'confid', 'imid', 'availability'])
const secretElements = new Set(['password', 'signindata', 'ticket'])
/** Attributes of uc-ajax-api §3 and §4; in what a client has sent, another one may be a text that has missed its place. */
const plainAttributes = new Set([
  ...[
    'sid',
    'rid',
    'confid',
    'eid',
    'ackid',
    'messageid',
    'uri',
    'appuri',
    'sender',
    'role',
    'name',
    'code',
    'subcode',
  ],
  ...['reason', 'detail', 'requestprocessed', 'unexpectedelement', 'pollwaittime', 'sessiontimeout', 'timeout', 'type'],
  ...['version', 'encoding', 'source', 'sourcenetwork', 'instance', 'publishtime', 'archiving', 'fulllist', 'deltanum'],
  ...['refreshinterval', 'defaultfunction', 'defaultfields', 'autopublishmachinestate'],
])

/** XML as UC AJAX writes it: the text of every element that is not known to be harmless. What is no XML is text. */
export function maskXml(xml: string, texts: boolean): string {
  if (!texts) return maskXmlBy(xml, (element) => plainElements.has(element) && !secretElements.has(element))
  return maskXmlBy(xml, (element) => !secretElements.has(element), true)
}

/** Keeps the text of elements that are plain; attributes and comments with `words` only. */
function maskXmlBy(xml: string, isPlain: (element: string) => boolean, words = false): string {
  let element = ''
  let masked = ''
  for (const { kind, text } of xmlTokens(xml)) {
    if (kind === 'tag') {
      element = text[1] === '/' ? '' : tagName(text).toLowerCase()
      masked += words ? text : maskAttributes(text)
    } else if (kind === 'other') masked += words ? text : mask(text)
    else if (isPlain(element) || text.trim() === '') masked += text
    else masked += kind === 'cdata' ? `${text.slice(0, 9)}${mask(text.slice(9, -3))}${text.slice(-3)}` : mask(text)
  }
  return masked
}

/** Names, with their values where they have one; everything is eaten, so that nothing is looked at twice. */
const attribute = /([^\s=<>"']+)(?:(\s*=\s*)("[^"]*"|'[^']*'))?|"[^"]*"|'[^']*'/g

function maskAttributes(tag: string): string {
  return tag.replace(attribute, (all, name?: string, equals?: string, value?: string) => {
    if (name === undefined || equals === undefined || value === undefined) return all
    const isPlain = /^xmlns(?::|$)/.test(name) || plainAttributes.has(name.slice(name.indexOf(':') + 1).toLowerCase())
    return isPlain ? all : name + equals + value[0] + mask(value.slice(1, -1)) + value[0]
  })
}
