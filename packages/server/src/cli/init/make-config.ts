import type { Answers } from './questions.ts'

/** What `init` makes by chance. */
export interface Chance {
  /** A new password that can be typed. */
  password(): string
  /** What is stored of one. */
  hash(password: string): Promise<string>
}

/** A file beside the configuration. */
export interface SecretFile {
  /** Relative to the configuration. */
  path: string
  content: string
}

export interface Made {
  config: Readonly<Record<string, unknown>>
  /** Passwords of people, by user name. */
  passwords: ReadonlyMap<string, string>
  /** Passwords of DNs, which endpoints register with. */
  endpoints: ReadonlyMap<string, string>
  secrets: readonly SecretFile[]
}

export const secretsFolder = 'ringdown-secrets'
const switchName = 'SIP_Switch'
/** Hashes made at a time: each takes 32 MiB and a thread of the pool. */
const atOnce = 4

/** The configuration that the answers describe. SPEC IN-4, IN-5. */
export async function makeConfig(answers: Answers, chance: Chance): Promise<Made> {
  const users = (answers.agents ?? '').split(',')
  const sipLegs = answers['agent-legs'] === 'sip'
  const agents = users.map((userName, i) => ({
    userName,
    number: numberAfter(answers['first-number'] ?? '', i),
    login: `L${i + 1}`,
  }))
  const passwords = new Map([...users, answers.admin ?? ''].map((user) => [user, chance.password()]))
  const endpoints = new Map(sipLegs ? agents.map(({ number }) => [number, chance.password()]) : [])
  const hashes = await hashed(passwords, chance)
  const token =
    answers.listen !== undefined && answers.https !== 'none' ? `${secretsFolder}/monitoring-token` : undefined
  const secrets = token === undefined ? [] : [{ path: token, content: `${chance.password()}\n` }]

  const tserver = (number: string) =>
    sipLegs
      ? { multimedia: true, password: endpoints.get(number) ?? '' }
      : { multimedia: true, 'sip-signaling-chat': 'none' }
  const config = {
    http: httpOf(answers),
    ...(token !== undefined && { monitoring: { token: { file: token } } }),
    store: storeOf(answers),
    ...sipOf(answers),
    contactCentres: [
      {
        id: answers.centre,
        ...(answers.name !== answers.centre && { name: answers.name }),
        switches: [{ name: switchName }],
        dns: [
          ...agents.map(({ number }) => ({ number, switch: switchName, annex: { TServer: tserver(number) } })),
          ...trunkOf(answers),
        ],
        places: agents.map(({ number }) => ({ name: `Place_${number}`, dns: [number] })),
        agentLogins: agents.map(({ login }) => ({ code: login, switch: switchName })),
        persons: [
          ...agents.map(({ userName, number, login }) => {
            return { userName, place: `Place_${number}`, agentLogins: [login], passwordHash: hashes.get(userName) }
          }),
          { userName: answers.admin, roles: ['admin', 'supervisor'], passwordHash: hashes.get(answers.admin ?? '') },
        ],
      },
    ],
  }
  return { config, passwords, endpoints, secrets }
}

function httpOf({ listen, port, https, cert, key, 'external-url': externalUrl, 'trusted-proxy': proxy }: Answers) {
  return {
    host: listen,
    port: Number(port),
    ...(https === 'tls' && { tls: { certFile: cert, keyFile: key } }),
    ...(https === 'proxy' && { trustedProxies: [proxy], externalUrl }),
  }
}

function storeOf({ store, directory, 'redis-url': url, 'redis-password-file': file }: Answers) {
  if (store === 'embedded') return { embedded: { directory } }
  return { redis: { url, ...(file !== '' && { password: { file } }) } }
}

function sipOf(answers: Answers) {
  if (answers.sip !== 'yes') return {}
  const { 'sip-listen': host, 'sip-port': port, 'sip-domain': domain, msrp, 'msrp-port': msrpPort } = answers
  const listen = ['udp', 'tcp'].map((transport) => ({ transport, host, port: Number(port) }))
  return {
    sip: { ...(domain !== '' && { domains: [domain] }), listen },
    ...(msrp === 'yes' && { msrp: { listen: [{ transport: 'tcp', host, port: Number(msrpPort) }] } }),
  }
}

/** The other server as a trunk. Asterisk knows no MSRP: MESSAGE spares it an INVITE it would refuse. */
function trunkOf({ beside, trunk, 'trunk-prefix': prefix, msrp }: Answers) {
  if (beside === undefined || beside === 'none') return []
  const plain = beside === 'asterisk' || msrp === 'no'
  const TServer = {
    multimedia: true,
    ...(plain && { 'sip-signaling-chat': 'message' }),
    contact: trunk,
    prefix,
    'oos-check': 30,
  }
  return [{ number: beside, type: 'Trunk', switch: switchName, annex: { TServer } }]
}

/** The n-th number after one, as long as it is. */
function numberAfter(first: string, n: number): string {
  return (BigInt(first) + BigInt(n)).toString().padStart(first.length, '0')
}

async function hashed(passwords: ReadonlyMap<string, string>, { hash }: Chance): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>()
  const waiting = [...passwords]
  const worker = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) hashes.set(next[0], await hash(next[1]))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return hashes
}
