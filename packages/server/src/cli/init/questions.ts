import { isIP } from 'node:net'
import { isLoopback } from '../../config/loopback.ts'
import { faultOf } from '../../tls/certificate-files.ts'

/** Answers so far, by the question's name; each as it was checked. */
export type Answers = Readonly<Record<string, string>>

/** What a check may look at outside. */
export interface Around {
  /** A file, relative to the configuration. Throws where it cannot be read. */
  read(file: string): string
}

/** One question of `ringdown init`; its name is also its flag. */
export interface Question {
  name: string
  /** What stands for the answer in the help. */
  value: string
  /** For the help of the flag, and what is asked. */
  what: string
  /** What is taken for an empty answer, and by `--yes`; undefined: there is none. */
  otherwise(answers: Answers): string | undefined
  /** Whether it is asked at all, after the answers before it. */
  when?(answers: Answers): boolean
  /** The answer as it is meant, or what is wrong with it in a sentence. */
  check(text: string, answers: Answers, around: Around): { answer: string } | { wrong: string }
}

type Check = Question['check']

const matching =
  (form: RegExp, wanted: string): Check =>
  (text) =>
    form.test(text) ? { answer: text } : { wrong: `'${text}' is not ${wanted}` }

const oneOf =
  (...names: readonly string[]): Check =>
  (text) => {
    const answer = names.filter((name) => text !== '' && name.startsWith(text.toLowerCase()))
    return answer.length === 1 && answer[0]
      ? { answer: answer[0] }
      : { wrong: `'${text}' is not one of ${names.join(', ')}` }
  }

const port: Check = (text) =>
  /^[0-9]{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
    ? { answer: String(Number(text)) }
    : { wrong: `'${text}' is not a port: a number from 1 to 65535` }

/** A port nothing else of this configuration has; SIP and MSRP listen over TCP too. */
const ownPort =
  (...others: readonly string[]): Check =>
  (text, answers, around) => {
    const read = port(text, answers, around)
    if ('wrong' in read) return read
    const taken = others.find((name) => answers[name] === read.answer)
    return taken === undefined
      ? read
      : { wrong: `port ${read.answer} is taken by --${taken}: each listener needs its own` }
  }

const file: Check = (text, _answers, { read }) => {
  if (text === '') return { wrong: 'a file is needed: its name, relative to the configuration or absolute' }
  try {
    read(text)
    return { answer: text }
  } catch (error) {
    return { wrong: `${text} cannot be read (${error instanceof Error && 'code' in error ? error.code : error})` }
  }
}

/** A certificate, or the key of the one before. */
const pem: Check = (text, answers, around) => {
  const found = file(text, answers, around)
  if ('wrong' in found) return found
  const { cert } = answers
  const fault =
    cert === undefined
      ? faultOf({ cert: around.read(text) })
      : faultOf({ cert: around.read(cert), key: around.read(text) })
  return fault === undefined ? found : { wrong: `${text} cannot be used: ${fault}` }
}

const fixed = (text: string) => () => text
const none = () => undefined
const hasSip = ({ sip }: Answers) => sip === 'yes'
const beyond = ({ listen = '' }: Answers) => !isLoopback(listen)

/** Most agents that can be asked for by a number: hashing a password takes a tenth of a second. */
const mostAgents = 500
const userName = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/

const agents: Check = (text, { admin = 'admin' }) => {
  if (/^[0-9]+$/.test(text)) {
    const count = Number(text)
    if (count < 1 || count > mostAgents) return { wrong: `${text} is not a number of agents from 1 to ${mostAgents}` }
    return { answer: Array.from({ length: count }, (_, i) => `agent${i + 1}`).join(',') }
  }
  const names = text.split(',').map((name) => name.trim())
  const odd = names.find((name) => !userName.test(name))
  if (odd !== undefined)
    return { wrong: `'${odd}' is not a user name: letters, digits, dots, dashes, underscores and @` }
  const lower = names.map((name) => name.toLowerCase())
  const twice = lower.find((name, i) => lower.indexOf(name) !== i)
  if (twice !== undefined) return { wrong: `the user name ${twice} is there twice` }
  if (lower.includes(admin.toLowerCase())) return { wrong: `${admin} is the administrator: name agents only` }
  if (names.length > mostAgents) return { wrong: `more than ${mostAgents} agents are too many to begin with` }
  return { answer: names.join(',') }
}

const sipUri: Check = (text) => {
  const uri = /^sips?:/i.test(text) ? text : `sip:${text}`
  return /^sips?:(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::[0-9]{1,5})?(?:;transport=(?:udp|tcp|tls))?$/i.test(
    uri,
  )
    ? { answer: uri }
    : { wrong: `'${text}' is not a SIP address such as sip:192.0.2.10:5060` }
}

/** All questions, in their order. SPEC IN-1. */
export const questions: readonly Question[] = [
  {
    name: 'centre',
    value: 'id',
    what: 'id of the contact centre, which never changes',
    otherwise: fixed('main'),
    check: matching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, '1 to 63 letters, digits, dots, dashes or underscores'),
  },
  {
    name: 'name',
    value: 'text',
    what: 'what people call it',
    otherwise: ({ centre }) => centre,
    check: matching(/^\P{Cc}{1,128}$/u, 'a name of 1 to 128 characters'),
  },
  {
    name: 'listen',
    value: 'address',
    what: 'address to serve HTTP at; 127.0.0.1 is for this machine only, 0.0.0.0 for all',
    otherwise: fixed('127.0.0.1'),
    check: (text) => (isIP(text) === 0 ? { wrong: `'${text}' is not a numeric address` } : { answer: text }),
  },
  { name: 'port', value: 'number', what: 'port of HTTP', otherwise: fixed('8080'), check: port },
  {
    name: 'https',
    value: 'how',
    what: 'where HTTPS ends: here (tls), at a proxy in front (proxy), or nowhere (none; only where nobody else can connect)',
    otherwise: (answers) => (beyond(answers) ? 'tls' : 'none'),
    check: (text, answers, around) => {
      const read = oneOf('tls', 'proxy', 'none')(text, answers, around)
      return 'answer' in read && read.answer === 'none' && beyond(answers)
        ? { wrong: `none is for 127.0.0.1 only: passwords would travel to ${answers.listen} in clear` }
        : read
    },
  },
  {
    name: 'cert',
    value: 'file',
    what: 'certificate chain, PEM',
    otherwise: none,
    when: ({ https }) => https === 'tls',
    check: pem,
  },
  {
    name: 'key',
    value: 'file',
    what: 'its private key, PEM',
    otherwise: none,
    when: ({ https }) => https === 'tls',
    check: pem,
  },
  {
    name: 'external-url',
    value: 'url',
    what: 'the address clients use, at the proxy',
    otherwise: none,
    when: ({ https }) => https === 'proxy',
    check: matching(/^https:\/\/[^\s/?#@]+\/?$/, 'an address such as https://im.example, without a path'),
  },
  {
    name: 'trusted-proxy',
    value: 'address',
    what: 'where the proxy connects from: an address or a network such as 10.0.0.0/8',
    otherwise: fixed('127.0.0.1'),
    when: ({ https }) => https === 'proxy',
    check: (text) => {
      const [address = '', prefix = '0', ...more] = text.split('/')
      const family = isIP(address)
      const isNetwork = family !== 0 && more.length === 0 && /^[0-9]{1,3}$/.test(prefix)
      return isNetwork && Number(prefix) <= (family === 4 ? 32 : 128)
        ? { answer: text }
        : { wrong: `'${text}' is not an address or a network` }
    },
  },
  {
    name: 'store',
    value: 'kind',
    what: 'where sessions live: embedded (a file beside the server, one node) or redis (any number of nodes)',
    otherwise: fixed('embedded'),
    check: oneOf('embedded', 'redis'),
  },
  {
    name: 'directory',
    value: 'path',
    what: 'directory of the database, relative to the configuration',
    otherwise: fixed('ringdown-data'),
    when: ({ store }) => store === 'embedded',
    check: matching(/^[^\p{Cc}]{1,1024}$/u, 'a path'),
  },
  {
    name: 'redis-url',
    value: 'url',
    what: 'address of Redis, without a password',
    otherwise: fixed('redis://127.0.0.1:6379'),
    when: ({ store }) => store === 'redis',
    check: matching(/^(rediss?:\/\/[^\s@]+|\/\S+)$/, 'an address such as redis://host:6379, without user and password'),
  },
  {
    name: 'redis-password-file',
    value: 'file',
    what: 'file with the password of Redis; none: it asks for none',
    otherwise: fixed('none'),
    when: ({ store }) => store === 'redis',
    check: (text, answers, around) => (text === 'none' ? { answer: '' } : file(text, answers, around)),
  },
  {
    name: 'admin',
    value: 'user',
    what: 'user name of the administrator',
    otherwise: fixed('admin'),
    check: matching(userName, 'a user name: letters, digits, dots, dashes, underscores and @'),
  },
  {
    name: 'agents',
    value: 'agents',
    what: 'how many agents, or their user names with commas between them',
    otherwise: fixed('2'),
    check: agents,
  },
  {
    name: 'first-number',
    value: 'number',
    what: 'number of the first agent; the others have those that follow',
    otherwise: fixed('7001'),
    check: matching(/^[0-9]{1,12}$/, 'a number of 1 to 12 digits'),
  },
  {
    name: 'sip',
    value: 'yes|no',
    what: 'whether phones, trunks and MSRP clients take part, by SIP',
    otherwise: fixed('no'),
    check: oneOf('yes', 'no'),
  },
  {
    name: 'sip-listen',
    value: 'address',
    what: 'address SIP and MSRP listen on',
    otherwise: ({ listen }) => listen,
    when: hasSip,
    check: (text) => (isIP(text) === 0 ? { wrong: `'${text}' is not a numeric address` } : { answer: text }),
  },
  {
    name: 'sip-port',
    value: 'number',
    what: 'port of SIP, UDP and TCP',
    otherwise: fixed('5060'),
    when: hasSip,
    check: ownPort('port'),
  },
  {
    name: 'sip-domain',
    value: 'name',
    what: 'host name in the SIP addresses we write; none: the address we listen on',
    otherwise: fixed('none'),
    when: hasSip,
    check: (text, answers, around) =>
      text === 'none'
        ? { answer: '' }
        : matching(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, 'a host name')(text, answers, around),
  },
  {
    name: 'msrp',
    value: 'yes|no',
    what: 'whether MSRP is spoken, besides MESSAGE',
    otherwise: fixed('yes'),
    when: hasSip,
    check: oneOf('yes', 'no'),
  },
  {
    name: 'msrp-port',
    value: 'number',
    what: 'port of MSRP',
    otherwise: fixed('2855'),
    when: (answers) => hasSip(answers) && answers.msrp === 'yes',
    check: ownPort('port', 'sip-port'),
  },
  {
    name: 'agent-legs',
    value: 'kind',
    what: 'how agents read and write: api (REST, CometD and the desktop alone) or sip (a SIP endpoint at their number)',
    otherwise: fixed('api'),
    when: hasSip,
    check: oneOf('api', 'sip'),
  },
  {
    name: 'beside',
    value: 'server',
    what: 'another SIP server whose numbers are reached: none, kamailio, asterisk',
    otherwise: fixed('none'),
    when: hasSip,
    check: oneOf('none', 'kamailio', 'asterisk'),
  },
  {
    name: 'trunk',
    value: 'uri',
    what: 'its SIP address',
    otherwise: none,
    when: (answers) => hasSip(answers) && answers.beside !== 'none',
    check: sipUri,
  },
  {
    name: 'trunk-prefix',
    value: 'digits',
    what: 'beginning of its numbers; any: all that are not ours',
    otherwise: ({ beside }) => (beside === 'asterisk' ? '6' : '9'),
    when: (answers) => hasSip(answers) && answers.beside !== 'none',
    check: (text, answers, around) =>
      text === 'any'
        ? { answer: '' }
        : matching(/^[0-9+*#]{1,32}$/, 'the beginning of a number')(text, answers, around),
  },
]
