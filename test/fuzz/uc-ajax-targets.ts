import {
  escapeAttribute,
  escapeText,
  printResponses,
  readRequests,
  readXml,
  type XmlElement,
  xmlLimits,
} from '@ringdown/facade/testing'
import type { Target } from './fuzz.ts'

const ways = [
  { channel: 'command', strict: false },
  { channel: 'command', strict: true },
  { channel: 'logon', strict: false },
  { channel: 'logon', strict: true },
] as const

/** What is escaped takes more room. */
const roomier = { ...xmlLimits, bytes: 2 * xmlLimits.bytes }

/** Reads a body as a document and as requests of either channel; what was read is printed and read again. */
function readBody(input: Uint8Array): void {
  const root = readXml(input, undefined)
  if ('problem' in root) {
    checkSentence(root.problem)
    return
  }
  const again = readXml(Buffer.from(printElement(root)), undefined, roomier)
  if ('problem' in again) throw new Error(`what was printed cannot be read: ${again.problem}`)
  if (inOneText(again) !== inOneText(root)) throw new Error('what was printed is read differently')
  for (const how of ways) checkRequests(root, how)
}

function checkRequests(root: XmlElement, how: (typeof ways)[number]): void {
  const read = readRequests(root, how)
  if ('failure' in read) {
    checkSentence(read.failure.detail)
    return
  }
  if (read.requests.length > root.children.length) throw new Error('more requests than elements')
  for (const one of read.requests) {
    if (one.request === 'invalid') checkSentence(one.failure.detail)
    if ('message' in one && one.message.content.trim() === '') throw new Error('a text that is blank')
    if (one.request !== 'invalid' && (one.request === 'logon') !== (how.channel === 'logon'))
      throw new Error('a request of the other channel')
  }
  const answers = read.requests.map((one) =>
    one.request === 'invalid'
      ? ({ ...one, answer: 'requestInvalid' } as const)
      : ({ answer: 'requestAccepted', rid: 'rid' in one ? one.rid : '' } as const),
  )
  const printed = printResponses(
    { processed: answers.length, unexpected: read.unexpected, answers },
    { namespace: true },
  )
  const answer = readXml(Buffer.from(printed), undefined, roomier)
  if ('problem' in answer) throw new Error(`an answer cannot be read: ${answer.problem}`)
  if (answer.children.length !== answers.length) throw new Error('not one answer for each request')
}

/** One line of at most what our own words and 64 characters of the client's make. */
function checkSentence(sentence: string): void {
  if (!/^\P{Cc}{1,200}\.$/u.test(sentence)) throw new Error(`no sentence: ${JSON.stringify(sentence)}`)
}

function printElement({ name, attributes, children, text }: XmlElement): string {
  const head = [name, ...[...attributes].map(([key, value]) => `${key}="${escapeAttribute(value)}"`)].join(' ')
  return `<${head}>${escapeText(text)}${children.map(printElement).join('')}</${name}>`
}

function inOneText(element: XmlElement): string {
  return JSON.stringify(element, (_, value) => (value instanceof Map ? [...value] : value))
}

/** An element as lines, which the fuzzer moves about: `<name`, `@attribute=value`, text, `>`. */
function linesOf({ name, attributes, children, text }: XmlElement): readonly string[] {
  return [`<${name}`, ...[...attributes].map((pair) => `@${pair.join('=')}`), text, ...children.flatMap(linesOf), '>']
}

interface Growing extends XmlElement {
  readonly attributes: Map<string, string>
  readonly children: XmlElement[]
  text: string
}

const deepest = 30
const grow = (name: string): Growing => ({ name, attributes: new Map(), children: [], text: '' })

/** The element behind lines, whatever has become of them: well-formed, so that the requests in it are reached. */
function elementOf(input: Uint8Array): XmlElement {
  const root = grow('cwaRequests')
  const open = [root]
  for (const line of Buffer.from(input).toString('latin1').split('\r\n')) {
    const [, name, , value = ''] = /^[<@]([A-Za-z_]\w{0,30})(=(.*))?/s.exec(line) ?? []
    const element = open.at(-1) ?? root
    if (line === '>' && open.length > 1) open.pop()
    else if (line.startsWith('<') && name !== undefined && open.length < deepest) {
      const child = grow(name)
      element.children.push(child)
      open.push(child)
    } else if (line.startsWith('@') && name !== undefined) element.attributes.set(name, value.slice(0, 200))
    else element.text += line
  }
  return root
}

const namespace = 'xmlns="http://schemas.microsoft.com/2006/09/rtc/cwa"'
const body = (inner: string) => Buffer.from(`<cwaRequests sid="52" ${namespace}>\r\n${inner}\r\n</cwaRequests>`)
const conference = (inner: string) => `<conference confId="1" rid="2">${inner}</conference>`

const requests = [
  body('<logon>\r\n<user>example\\alice</user>\r\n<password>secret</password>\r\n</logon>'),
  body(
    '<initiateSession rid="1">\r\n<securityMode>private</securityMode>\r\n<userStateAvailability>3500</userStateAvailability>\r\n<options autoPublishMachineState="true"/><signInData>QQ==</signInData></initiateSession>',
  ),
  body(
    conference(
      '<initateImSession>\r\n<uris><uri> sip:bob@example.com</uri></uris>\r\n<message><Format>X-MMS-IM-Format: FN=Arial; EF=]</Format>\r\n<content>Can we talk?</content></message>\r\n<subject>Plans</subject></initateImSession>',
    ),
  ),
  body(
    `${conference('<sendMessage><format>text/plain</format>\r\n<content>a &lt;b&gt; &#x1F600; <![CDATA[<&]]></content></sendMessage>')}\r\n${conference('<notifyComposing>composing</notifyComposing>')}\r\n${conference('<acceptImSession/>')}\r\n<terminateSession rid="9"/>`,
  ),
  body(
    `${conference('<inviteParticipants><uris><uri>sip:c@d</uri></uris></inviteParticipants>')}\r\n${conference('<lock>true</lock>')}\r\n${conference('<sendInfo><contentType>a/b</contentType><content>x</content></sendInfo>')}\r\n${conference('<ejectParticipant>sip:c@d</ejectParticipant>')}`,
  ),
  body(
    '<queryPresence rid="3"><uris><uri>sip:c@d</uri></uris></queryPresence>\r\n<publishSelfPresence rid="6"><cwaCategory name="state"><state xmlns:xsi="urn:x" xsi:type="userState"><availability>6500</availability></state></cwaCategory></publishSelfPresence>\r\n<addContact rid="7"/>',
  ),
]

/** Bodies of POSTs of the UC AJAX API: bytes of any kind, and requests of any kind in documents that can be read. */
export const ucAjaxTargets: readonly Target[] = [
  {
    name: 'uc-ajax',
    corpus: [
      ...requests,
      Buffer.from(
        `\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<!-- a -->\r\n<?b c?>\r\n<w:cwaRequests xmlns:w="urn:w" w:sid="1"/>\r\n`,
      ),
      Buffer.from(
        '<!DOCTYPE a [\r\n<!ENTITY b "c">\r\n<!ENTITY % d SYSTEM "http://192.0.2.1/">\r\n]>\r\n<cwaRequests>&b;</cwaRequests>',
      ),
      Buffer.from('\ufeff<cwaRequests/>', 'utf16le'),
      Buffer.from('cmdPkg=1,LcwStartImRequest'),
    ],
    words: [
      '<',
      '>',
      '</',
      '/>',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
      '<?xml version="1.0" encoding="utf-16"?>',
      '<!DOCTYPE a>',
      '<!ENTITY a "&a;&a;">',
      '&amp;',
      '&#0;',
      '&#xD800;',
      '&#10;',
      '&a;',
      'xmlns:',
      'xmlns=""',
      ' rid="2"',
      ' confId="1"',
      ' sid="52"',
      '<content>',
      '</content>',
      '<message>',
      '</message>',
      '<uris>',
      '<uri>',
      '<conference rid="3">',
      '</conference>',
      '<sendMessage>',
      '<acceptImSession/>',
      '<logon/>',
      'constructor',
      '__proto__',
      ':',
      '\xc3\xa9',
      '\xed\xa0\x80',
      '\xc0\xbc',
      '\xef\xbf\xbf',
      '\xf0\x9f\x98\x80',
      '\xef\xbb\xbf',
      '\xff\xfe',
      '\0',
      '\r\n',
    ],
    run: readBody,
  },
  {
    name: 'uc-ajax-requests',
    corpus: requests.map((sample) => {
      const root = readXml(sample, undefined)
      if ('problem' in root) throw new Error(root.problem)
      return Buffer.from(root.children.flatMap(linesOf).join('\r\n'), 'latin1')
    }),
    words: [
      '<conference',
      '<sendMessage',
      '<initateImSession',
      '<message',
      '<content',
      '<format',
      '<uris',
      '<uri',
      '<lock',
      '<logon',
      '@rid=',
      '@confId=',
      '@RID=',
      '@type=',
      'true',
      'idle',
      ' ',
      '\r\n>\r\n',
      '\r\n<conference\r\n@rid=9\r\n',
      '&',
      ']]>',
      '\0',
      '\x85',
      '\xff',
    ],
    run: (input) => readBody(Buffer.from(printElement(elementOf(input)))),
  },
]
