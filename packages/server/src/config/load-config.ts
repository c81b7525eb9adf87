import { isIP } from 'node:net'
import { buildDirectory, type DirectoryObjects, type Problem } from '@ringdown/signalling'
import { type CertificateFiles, certificatesOf, faultOf } from '../tls/certificate-files.ts'
import { checkWebhooks, warnOfWebhooks } from './check-webhooks.ts'
import { isLoopback } from './loopback.ts'
import { type Mistake, readYaml, type Surroundings } from './read-yaml.ts'
import { ConfigSchema, type FileConfig } from './schema.ts'
import type { Secret } from './secret.ts'
import type { WebhookConfig } from './webhooks-schema.ts'

/** One contact centre of the file. Plain passwords stand apart until they are hashed. */
export interface CentreConfig {
  objects: DirectoryObjects
  /** By user name. */
  passwords: ReadonlyMap<string, Secret>
  webhooks: readonly WebhookConfig[]
}

/** A configuration without a mistake. */
export interface Config extends Omit<FileConfig, 'contactCentres'> {
  contactCentres: readonly CentreConfig[]
}

/** A configuration, or everything that is wrong with the file. */
export type Loaded = { config: Config; warnings: readonly Mistake[] } | { mistakes: readonly Mistake[] }

/** Reads `ringdown.yaml`: text and surroundings in, result out; nothing else is touched. SPEC SV-1 to SV-5. */
export function loadConfig(text: string, around: Surroundings): Loaded {
  const { value, mistakes, warnings: found, usable, place } = readYaml(text, ConfigSchema, around)
  const file = value as Partial<FileConfig> | undefined
  const problems: Problem[] = []
  const warnings: Problem[] = []
  // SPEC SV-3: what has its form is checked for what it refers to, whatever is wrong elsewhere.
  if (isServer(file, usable)) {
    problems.push(...checkServer(file), ...checkFiles(file, around))
    warnings.push(...warnOfServer(file), ...warnOfKeys(file, around))
  }
  const centres = Array.isArray(file?.contactCentres) ? file.contactCentres : []
  const contactCentres = centres.flatMap((centre, i) => {
    if (!usable(['contactCentres', i])) return []
    const config = readCentre(centre)
    const within = ({ path, message }: Problem) => ({ path: ['contactCentres', i, ...path], message })
    if (centres.findIndex((other) => other?.id === centre.id) !== i)
      problems.push(within({ path: ['id'], message: `contact centre ${centre.id} is there twice` }))
    centre.persons.forEach(({ userName, password, passwordHash }, j) => {
      if (password && passwordHash)
        problems.push(
          within({
            path: ['persons', j, 'passwordHash'],
            message: `person ${userName}: password and passwordHash exclude each other`,
          }),
        )
    })
    problems.push(...checkWebhooks(centre.webhooks).map(within))
    warnings.push(...warnOfWebhooks(centre.webhooks, centre).map(within))
    const built = buildDirectory(config.objects)
    if ('problems' in built) problems.push(...built.problems.map(within))
    warnings.push(...built.warnings.map(within))
    return [config]
  })
  mistakes.push(...problems.map(place))
  if (mistakes.length > 0) return { mistakes: mistakes.sort((a, b) => a.line - b.line || a.column - b.column) }
  return { config: { ...(file as FileConfig), contactCentres }, warnings: [...found, ...warnings.map(place)] }
}

type ServerConfig = Omit<FileConfig, 'contactCentres'>

/** Whether everything but the contact centres has its form. */
function isServer(file: Partial<FileConfig> | undefined, usable: (path: string[]) => boolean): file is ServerConfig {
  return file !== undefined && Object.keys(ConfigSchema.properties).every((k) => k === 'contactCentres' || usable([k]))
}

/** `ringdown.yaml:12:5: …`, the form that editors and terminals make a link of. */
export function formatMistake(file: string, { line, column, message }: Mistake): string {
  return `${file}:${line}:${column}: ${message}`
}

function readCentre({
  name,
  features,
  persons,
  webhooks,
  ...centre
}: FileConfig['contactCentres'][number]): CentreConfig {
  return {
    objects: {
      ...centre,
      ...(name !== undefined && { name }),
      ...(features !== undefined && { features }),
      persons: persons.map(({ id, emailAddress, place, password: _, passwordHash, ...person }) => ({
        ...person,
        ...(id !== undefined && { id }),
        ...(emailAddress !== undefined && { emailAddress }),
        ...(place !== undefined && { place }),
        ...(passwordHash !== undefined && { passwordHash: passwordHash.reveal() }),
      })),
    },
    passwords: new Map(persons.flatMap(({ userName, password }) => (password ? [[userName, password]] : []))),
    webhooks,
  }
}

function checkServer({ http, login, sip, msrp, hep, store: { embedded, redis } }: ServerConfig): Problem[] {
  const problems = [...checkListeners('sip', sip.listen), ...checkListeners('msrp', msrp.listen)]
  const wrong = (path: Problem['path'], message: string) => problems.push({ path, message })
  for (const [protocol, { trustedProxies }] of [['http', http] as const, ['sip', sip] as const])
    for (const [i, proxy] of trustedProxies.entries())
      if (!isNetwork(proxy)) wrong([protocol, 'trustedProxies', i], `${proxy} is not an address or a network`)
  if (login.sameSite === 'none' && login.secureCookie === 'never')
    wrong(['login', 'secureCookie'], 'browsers drop a cookie with login.sameSite none unless it is secure')
  if (hep?.caFile !== undefined && hep.transport !== 'tls')
    wrong(['hep', 'caFile'], `hep.caFile is for hep.transport tls; ${hep.transport} uses no certificate`)
  if (sip.drachtio && sip.listen.length > 0)
    wrong(
      ['sip', 'drachtio'],
      'sip.listen and sip.drachtio exclude each other: the drachtio-server is who listens, as its own file says',
    )
  if (embedded && redis) wrong(['store', 'redis'], 'store.embedded and store.redis exclude each other')
  if (!redis) return problems

  const ways = [redis.url, redis.sentinels, redis.cluster].filter((way) => way !== undefined).length
  if (ways !== 1) wrong(['store', 'redis'], 'store.redis needs exactly one of url, sentinels and cluster')
  if (redis.sentinels && redis.sentinelName === undefined)
    wrong(['store', 'redis', 'sentinels'], 'store.redis.sentinelName is missing: which master the sentinels watch')
  if (!redis.sentinels && redis.sentinelName !== undefined)
    wrong(['store', 'redis', 'sentinelName'], 'store.redis.sentinelName needs store.redis.sentinels')
  if ((redis.certFile === undefined) !== (redis.keyFile === undefined))
    wrong(['store', 'redis', 'certFile'], 'store.redis.certFile and store.redis.keyFile belong together')
  if ((redis.caFile ?? redis.certFile) !== undefined && !redis.tls && redis.url?.startsWith('rediss:') !== true)
    wrong(['store', 'redis', 'tls'], 'store.redis has certificates and no TLS: set tls, or write the url as rediss://')
  if (redis.username !== undefined && !redis.password)
    wrong(['store', 'redis', 'username'], 'store.redis.username needs store.redis.password')
  return problems
}

/** SPEC SV-50. */
function checkListeners(protocol: 'sip' | 'msrp', listen: FileConfig['sip' | 'msrp']['listen']): Problem[] {
  const problems: Problem[] = []
  for (const [
    i,
    { transport, host, certFile, keyFile, path, caFile, clientCertificate, origins },
  ] of listen.entries()) {
    const wrong = (key: string, message: string) =>
      problems.push({ path: [protocol, 'listen', i, key], message: `${protocol}.listen[${i}].${key}: ${message}` })
    if (isIP(host) === 0) wrong('host', `${host} is not a numeric address`)
    const secure = transport === 'tls' || transport === 'wss'
    if (secure && (certFile === undefined || keyFile === undefined))
      wrong('transport', `${transport} needs certFile and keyFile`)
    if (!secure && (certFile !== undefined || keyFile !== undefined))
      wrong(certFile === undefined ? 'keyFile' : 'certFile', `${transport} uses no certificate`)
    if (!secure && caFile !== undefined) wrong('caFile', `${transport} uses no certificate`)
    if (!secure && clientCertificate !== 'none') wrong('clientCertificate', `${transport} uses no certificate`)
    const isWeb = transport === 'ws' || transport === 'wss'
    if (path !== undefined && !isWeb) wrong('path', `${transport} has no path`)
    if (origins.length > 0 && !isWeb) wrong('origins', `${transport} has no web origins`)
  }
  return problems
}

function isNetwork(text: string): boolean {
  const [address = '', prefix] = text.split('/')
  const family = isIP(address)
  if (family === 0 || prefix === undefined) return family !== 0
  return Number(prefix) <= (family === 4 ? 32 : 128)
}

// A certificate that is not there, or does not fit its key, is better told now than when the listener opens.
function checkFiles(config: ServerConfig, { readFile }: Surroundings): Problem[] {
  const problems: Problem[] = []
  const { http, sip, msrp, store, hep } = config
  const check = (path: Problem['path'], name: string, files: CertificateFiles | undefined, isUsed = true) => {
    const read = (key: 'certFile' | 'keyFile' | 'caFile'): string | undefined => {
      const file = files?.[key]
      if (file === undefined) return undefined
      try {
        return readFile(file)
      } catch (error) {
        const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
        problems.push({ path: [...path, key], message: `${name}.${key}: ${file} cannot be read (${reason})` })
        return undefined
      }
    }
    const wrong = (key: 'certFile' | 'caFile', pem: Parameters<typeof faultOf>[0]) => {
      const fault = faultOf(pem)
      if (fault !== undefined) problems.push({ path: [...path, key], message: `${name}.${key}: ${fault}` })
    }
    const [cert, key, ca] = [read('certFile'), read('keyFile'), read('caFile')]
    if (!isUsed) return
    if (cert !== undefined && key !== undefined) wrong('certFile', { cert, key })
    if (ca !== undefined) wrong('caFile', { ca })
  }
  check(['http', 'tls'], 'http.tls', http.tls)
  check(['sip', 'client'], 'sip.client', sip.client)
  check(['hep'], 'hep', hep)
  check(['store', 'redis'], 'store.redis', store.redis)
  for (const [protocol, { listen }] of [['sip', sip] as const, ['msrp', msrp] as const])
    for (const [i, listener] of listen.entries()) {
      const isSecure = listener.transport === 'tls' || listener.transport === 'wss'
      check([protocol, 'listen', i], `${protocol}.listen[${i}]`, listener, isSecure)
    }
  return problems
}

/** SPEC SE-41: a private key that others can read. */
function warnOfKeys(config: ServerConfig, { isOpen }: Surroundings): Problem[] {
  return [...certificatesOf(config)].flatMap(([at, { keyFile }]) => {
    if (keyFile === undefined || !isOpen?.(keyFile)) return []
    const path = at.split(/[.[\]]+/).filter((part) => part !== '')
    const message = `${at}: everybody on this machine can read the private key ${keyFile}; take that away: chmod o= ${keyFile}`
    return [{ path: path.map((part) => (/^\d+$/.test(part) ? Number(part) : part)), message }]
  })
}

function warnOfServer(config: ServerConfig): Problem[] {
  const { http, login } = config
  const warnings = warnOfClearText(config)
  if (http.corsOrigins.includes('*') && login.sameSite === 'none')
    warnings.push({
      path: ['http', 'corsOrigins'],
      message:
        'every web page can act as whoever is logged in, login.csrf or not: name the origins, or leave login.sameSite',
    })
  return warnings
}

function warnOfClearText({ http }: ServerConfig): Problem[] {
  if (isLoopback(http.host) || http.tls || http.externalUrl?.startsWith('https:')) return []
  return [
    {
      path: ['http', 'host'],
      message: 'passwords travel in clear: set http.tls, or http.externalUrl if a proxy in front serves HTTPS',
    },
  ]
}
