import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { buildDirectory } from '@ringdown/signalling'
import { describe, expect, test } from 'vitest'
import { formatMistake, loadConfig } from './load-config.ts'
import type { Surroundings } from './read-yaml.ts'

const good = `
contactCentres:
  - id: demo
    switches:
      - name: SIP_Switch
    dns:
      - { number: 0070, switch: SIP_Switch, annex: { TServer: { multimedia: yes, sip-signaling-chat: none } } }
    places:
      - { name: Desk, dns: [0070] }
    agentLogins:
      - { code: 5001, switch: SIP_Switch }
    persons:
      - { userName: anna, password: hunter2, place: Desk, agentLogins: [5001] }
`

function around(env: Surroundings['env'] = {}, files: Record<string, string> = {}): Surroundings {
  return {
    env,
    readFile(path) {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return text
    },
  }
}
/** `${NAME}` as it stands in the file. */
const env = (name: string) => ['$', '{', name, '}'].join('')

function mistakes(text: string, given = around()): string[] {
  const loaded = loadConfig(text, given)
  return 'mistakes' in loaded ? loaded.mistakes.map((mistake) => formatMistake('r.yaml', mistake)) : []
}
function load(text: string, given = around()) {
  const loaded = loadConfig(text, given)
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  return loaded
}

describe('loadConfig', () => {
  test('[SV-1] fills in every default', () => {
    const { config } = load(good)
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 8080, corsOrigins: [] })
    expect(config.login).toMatchObject({ csrf: false, attempts: { perUser: 100 } })
    expect(config.cometd.timeoutMs).toBe(30_000)
    expect(config.store).toEqual({ feedLimit: 10_000, webhookLimit: 100_000 })
    expect(config.log.level).toBe('info')
    expect(config.contactCentres[0]?.objects.options).toMatchObject({ userDataLimit: 16_000 })
  })

  test('[SV-1] takes numbers of DNs as written, and an Annex in any spelling', () => {
    const objects = load(good).config.contactCentres[0]?.objects
    expect(objects?.dns[0]?.number).toBe('0070')
    const built = objects && buildDirectory(objects)
    expect(built).toHaveProperty('directory')
  })

  test('[SV-2] mistakes of syntax carry line and column', () => {
    expect(mistakes('http:\n  port: 1\n  port: 2\n')).toEqual(['r.yaml:3:3: Map keys must be unique'])
    expect(mistakes('http: [1\n')[0]).toMatch(/^r\.yaml:\d+:\d+: /)
    expect(mistakes('http: !ours x\n')[0]).toMatch(/^r\.yaml:1:7: /)
  })

  test('[SV-2] a slip of syntax is one mistake, not one for each word after it', () => {
    expect(mistakes('http: { host: {}x, port: 1, csrf: 2 }\nlog: [\n')).toHaveLength(2)
  })

  test('[SV-2] all mistakes of form are told at once, in the order of the file', () => {
    const text = `http:
  port: 70000
  hots: example
  externalUrl: perhaps
cometd: 5
store:
  redis:
    url: redis://:hunter2@example
log:
  level: loud
login: { csrf: maybe }
contactCentres:
  - id: demo
    persons:
      - userName: ''
        agent-logins: []
      - firstName: Ben
`
    expect(mistakes(text)).toEqual([
      'r.yaml:2:9: http.port must be a whole number from 0 to 65535, not "70000"',
      'r.yaml:3:3: http.hots is not known; did you mean host?',
      'r.yaml:4:16: http.externalUrl must be like https://im.example, without a path, not "perhaps"',
      'r.yaml:5:9: cometd must be a mapping',
      'r.yaml:8:10: store.redis.url must be like redis://host:6379, without user and password: they have their own keys',
      'r.yaml:10:10: log.level must be one of debug, info, warn, error, silent, not "loud"',
      'r.yaml:11:16: login.csrf must be true or false, not "maybe"',
      'r.yaml:15:19: contactCentres[0].persons[0].userName must be a text that is not empty, not ""',
      'r.yaml:16:9: contactCentres[0].persons[0].agent-logins is not known; did you mean agentLogins?',
      'r.yaml:17:9: contactCentres[0].persons[1].userName is missing',
    ])
  })

  test('[SV-2] an empty file, or one of another shape, says what is missing', () => {
    expect(mistakes('')).toEqual(['r.yaml:1:1: contactCentres is missing'])
    expect(mistakes('- a\n')).toEqual(['r.yaml:1:1: the file must be a mapping'])
    expect(mistakes('contactCentres: []\n')).toEqual(['r.yaml:1:17: contactCentres must be a list of at least 1'])
    expect(mistakes('contactCentres: [{}]\nzzzzzzzz: 1\n')).toEqual([
      'r.yaml:1:18: contactCentres[0].id is missing',
      'r.yaml:2:1: zzzzzzzz is not known',
    ])
  })

  test('[SV-3] mistakes between objects point to the line that refers to nothing', () => {
    const text = good
      .replace('dns: [0070]', 'dns: [0071]')
      .replace('code: 5001, switch: SIP_Switch', 'code: 5001, switch: Other')
      .replace('multimedia: yes', 'multimedia: maybe')
    expect(mistakes(text)).toEqual([
      "r.yaml:7:77: DN 0070: option multimedia 'maybe' is not one of true, false, yes, no, on, off, 1, 0",
      "r.yaml:9:29: place Desk: there is no DN '0071'",
      "r.yaml:11:31: agent login 5001: there is no switch 'Other'",
    ])
  })

  test('[SV-2] [SV-3] unknown keys, missing secrets and wrong references are told in one reading', () => {
    const text = good
      .replace('place: Desk,', 'place: Dsk,')
      .replace('password: hunter2', `password: "${env('NOWHERE')}"`)
      .replace('contactCentres:', 'htp: {}\ncontactCentres:')
    expect(mistakes(text)).toEqual([
      'r.yaml:2:1: htp is not known; did you mean http?',
      expect.stringMatching(/^r.yaml:14:37: .*environment variable NOWHERE is not set/),
      expect.stringMatching(/^r.yaml:14:\d+: .*Dsk/),
    ])
  })

  test('[SV-3] one store, one way to Redis, one contact centre of an id, one password', () => {
    expect(mistakes(`store: { embedded: , redis: { url: 'redis://localhost' } }${good}`)).toEqual([
      'r.yaml:1:29: store.embedded and store.redis exclude each other',
    ])
    expect(mistakes(`store: { redis: { } }${good}`)).toEqual([
      'r.yaml:1:17: store.redis needs exactly one of url, sentinels and cluster',
    ])
    expect(mistakes(`store: { redis: { sentinels: [{ host: a }], username: u } }${good}`)).toEqual([
      'r.yaml:1:30: store.redis.sentinelName is missing: which master the sentinels watch',
      'r.yaml:1:55: store.redis.username needs store.redis.password',
    ])
    expect(mistakes('contactCentres:\n- id: a\n- id: a\n')).toEqual(['r.yaml:3:7: contact centre a is there twice'])
    expect(mistakes(good.replace('password: hunter2', 'password: a, passwordHash: $scrypt$x'))).toEqual([
      'r.yaml:13:54: person anna: password and passwordHash exclude each other',
    ])
  })

  test('[SV-3] files, networks and origins that cannot be used are told before anything listens', () => {
    const head = `http:
  tls: { certFile: a.crt, keyFile: a.key }
  trustedProxies: [10.0.0.0/8, '::1', 10.0.0.1/33, 300.0.0.1, proxy.example]
  corsOrigins: ['*', 'https://desk.example', 'https://desk.example/', desk]
`
    const proxies = head.replace(', proxy.example', '').replace(", 'https://desk.example/', desk", '')
    expect(mistakes(head + good)).toEqual([
      'r.yaml:3:63: http.trustedProxies[4] must be an address or a network such as 10.0.0.0/8, not "proxy.example"',
      'r.yaml:4:46: http.corsOrigins[2] must be an origin such as https://desk.example, without a path, not "https://desk.example/"',
      'r.yaml:4:71: http.corsOrigins[3] must be an origin such as https://desk.example, without a path, not "desk"',
    ])
    expect(mistakes(proxies + good, around({}, { 'a.crt': 'x' }))).toEqual([
      'r.yaml:2:36: http.tls.keyFile: a.key cannot be read (ENOENT)',
      'r.yaml:3:39: 10.0.0.1/33 is not an address or a network',
      'r.yaml:3:52: 300.0.0.1 is not an address or a network',
    ])
  })

  test('[SV-50] a listener that cannot be is told with its place', () => {
    const head = `sip:
  listen:
    - { transport: udp, host: localhost }
    - { transport: tls }
    - { transport: tcp, certFile: a.crt, keyFile: a.key }
    - { transport: wss, certFile: a.crt, keyFile: b.key, path: /sip }
    - { transport: tcp, clientCertificate: ask }
    - { transport: udp, origins: ['https://desk.example'] }
msrp: { listen: [{ transport: tcp, path: /msrp }] }
`
    expect(mistakes(head + good, around({}, { 'a.crt': 'x', 'a.key': 'y' }))).toEqual([
      'r.yaml:3:31: sip.listen[0].host: localhost is not a numeric address',
      'r.yaml:4:20: sip.listen[1].transport: tls needs certFile and keyFile',
      'r.yaml:5:35: sip.listen[2].certFile: tcp uses no certificate',
      'r.yaml:6:51: sip.listen[3].keyFile: b.key cannot be read (ENOENT)',
      'r.yaml:7:44: sip.listen[4].clientCertificate: tcp uses no certificate',
      'r.yaml:8:34: sip.listen[5].origins: udp has no web origins',
      'r.yaml:9:42: msrp.listen[0].path: tcp has no path',
    ])
  })

  test('[SV-51] SIP is our own stack’s or a drachtio-server’s', () => {
    const drachtio = 'drachtio: { secret: s3cret }'
    const both = `sip:\n  listen: [{ transport: udp }]\n  ${drachtio}\n`
    expect(mistakes(both + good, around())).toEqual([
      'r.yaml:3:13: sip.listen and sip.drachtio exclude each other: the drachtio-server is who listens, as its own file says',
    ])
    const { config } = load(`sip:\n  ${drachtio}\n${good}`)
    expect(config?.sip.drachtio).toMatchObject({ host: '127.0.0.1', port: 9022 })
    expect(config?.sip.drachtio?.secret.reveal()).toBe('s3cret')
  })

  test('[SV-3] an Annex can be written once and used by many', () => {
    const text = `contactCentres:
  - id: demo
    switches: [{ name: S }]
    dns:
      - { number: 1, switch: S, annex: &chat { TServer: { multimedia: on } } }
      - { number: 2, switch: S, annex: *chat }
`
    const { config } = load(text)
    expect(config.contactCentres[0]?.objects.dns[1]?.annex).toEqual({ TServer: { multimedia: 'on' } })
  })

  test('[SV-3] an anchor means the last one before, thousands of uses are read in one pass, and a circle ends', () => {
    const dn = (n: number, annex: string) => `      - { number: ${n}, switch: S, annex: ${annex} }\n`
    const many = Array.from({ length: 5_000 }, (_, i) => dn(i + 10, '*chat')).join('')
    const text = `contactCentres:
  - id: demo
    switches: [{ name: S }]
    dns:
${dn(1, '&chat { TServer: { multimedia: on } }')}${dn(2, '&chat { TServer: { multimedia: off } }')}${many}`
    const dns = load(text).config.contactCentres[0]?.objects.dns
    expect(dns).toHaveLength(5_002)
    expect(dns?.at(-1)?.annex).toEqual({ TServer: { multimedia: 'off' } })
    expect(mistakes('contactCentres: &a [{ id: demo, switches: *a }]\n')).toEqual([
      'r.yaml:1:21: contactCentres[0].switches[0].name is missing',
      'r.yaml:1:23: contactCentres[0].switches[0].id is not known',
      'r.yaml:1:33: contactCentres[0].switches[0].switches is not known',
    ])
  })

  test('[SV-4] secrets come from the environment or a file', () => {
    const { config } = load(
      `http: { port: "${env('PORT')}" }
store: { redis: { url: 'redis://${env('HOST')}:6379', password: { file: /run/redis } } }
${good.replace('hunter2', () => `'a$${env('b')}${env('PW')}'`)}`,
      around({ PORT: '9090', HOST: 'cache', PW: 'xyz' }, { '/run/redis': 's3cret\n' }),
    )
    expect(config.http.port).toBe(9090)
    expect(config.store.redis?.url).toBe('redis://cache:6379')
    expect(config.store.redis?.password?.reveal()).toBe('s3cret')
    expect(config.contactCentres[0]?.passwords.get('anna')?.reveal()).toBe(`a${env('b')}xyz`)
  })

  test('[DE-7] where a variable is not set, the file that NAME_FILE names is read in its place', () => {
    const text = good.replace('hunter2', () => `'${env('PW')}'`)
    const password = (env: Record<string, string>) =>
      load(text, around(env, { '/run/pw': 's3cret\n' }))
        .config.contactCentres[0]?.passwords.get('anna')
        ?.reveal()
    expect(password({ PW_FILE: '/run/pw' })).toBe('s3cret')
    expect(password({ PW_FILE: '/run/pw', PW: 'as it is' })).toBe('as it is')
    expect(mistakes(text, around({ PW_FILE: '/run/other' }))).toEqual([
      'r.yaml:13:37: contactCentres[0].persons[0].password: file /run/other of PW_FILE cannot be read (ENOENT)',
    ])
  })

  test('[SV-4] a missing variable or file is a mistake with a place', () => {
    const text = good.replace('hunter2', '{ file: /nowhere }').replace('anna', `'${env('WHO')}'`)
    expect(mistakes(text)).toEqual([
      'r.yaml:13:21: contactCentres[0].persons[0].userName: environment variable WHO is not set',
      'r.yaml:13:41: contactCentres[0].persons[0].password: file /nowhere cannot be read (ENOENT)',
    ])
    expect(mistakes(good.replace('hunter2', '{ fiel: x }'))).toEqual([
      'r.yaml:13:37: contactCentres[0].persons[0].password.file is missing',
      'r.yaml:13:39: contactCentres[0].persons[0].password.fiel is not known; did you mean file?',
    ])
    expect(mistakes(good.replace('hunter2', '{ file: /empty }'), around({}, { '/empty': '\n' }))).toEqual([
      'r.yaml:13:37: contactCentres[0].persons[0].password: file /empty is empty',
    ])
  })

  test('[SV-4] a secret is in no message, no JSON and no dump', () => {
    const { config } = load(good)
    expect(JSON.stringify(config, (_, value) => (value instanceof Map ? [...value] : value))).not.toContain('hunter2')
    expect(inspect(config, { depth: 9 })).not.toContain('hunter2')
    expect(`${config.contactCentres[0]?.passwords.get('anna')}`).toBe('[secret]')
    const wrong = mistakes(good.replace('password: hunter2', 'passwordHash: hunter2'))
    expect(wrong).toEqual(['r.yaml:13:41: person anna: passwordHash is not a $scrypt$ string'])
    expect(mistakes(good.replace('hunter2', '[hunter2]')).join()).not.toContain('hunter2')
  })

  test('[SV-5] listening beyond loopback without TLS is warned of', () => {
    expect(load(`http: { host: 0.0.0.0 }${good}`).warnings).toEqual([
      {
        line: 1,
        column: 15,
        message: 'passwords travel in clear: set http.tls, or http.externalUrl if a proxy in front serves HTTPS',
      },
    ])
    expect(load(`http: { host: 0.0.0.0, externalUrl: 'https://im.example' }${good}`).warnings).toEqual([])
    expect(load(good).warnings).toEqual([])
  })

  test('[SV-5] warnings of an Annex carry their place', () => {
    expect(load(good.replace('sip-signaling-chat', 'sip-signalling-chat')).warnings).toMatchObject([{ line: 7 }])
  })
})

describe('files with secrets', () => {
  const files = { 'phone.secret': 'pin 0815\n', 'token.secret': 'let me in\n' }
  const text = `monitoring: { token: { file: token.secret } }
contactCentres:
  - id: demo
    switches: [{ name: S }]
    dns: [{ number: 8001, switch: S, annex: { TServer: { multimedia: true, password: { file: phone.secret } } } }]
    persons: [{ userName: anna, annex: { notes: { desk: { file: gone } } } }]
`

  test('[SE-40] an option of an Annex is read from its file, and one that is missing is a mistake', () => {
    expect(mistakes(text, around({}, files))).toEqual([
      'r.yaml:6:57: contactCentres[0].persons[0].annex.notes.desk: file gone cannot be read (ENOENT)',
    ])
    const { config } = load(text.replace('gone', 'phone.secret'), around({}, files))
    expect(config.contactCentres[0]?.objects.dns?.[0]?.annex?.TServer?.password).toBe('pin 0815')
    expect(config.monitoring.token?.reveal()).toBe('let me in')
  })

  test('[SE-41] one that everybody can read is warned of, and so is a private key', () => {
    const key = readFileSync(new URL('../testing/localhost.key', import.meta.url), 'utf8')
    const cert = readFileSync(new URL('../testing/localhost.crt', import.meta.url), 'utf8')
    const tls = 'http: { tls: { certFile: a.crt, keyFile: a.key } }\n'
    const given = {
      ...around({}, { ...files, gone: 'x', 'a.crt': cert, 'a.key': key }),
      isOpen: (path: string) => path !== 'gone',
    }
    const loaded = loadConfig(tls + text, given)
    if ('mistakes' in loaded) throw new Error(loaded.mistakes[0]?.message)
    const take = 'take that away: chmod o='
    expect(
      loaded.warnings.map((warning) => formatMistake('r.yaml', warning)).filter((line) => line.includes('chmod')),
    ).toEqual([
      `r.yaml:2:22: monitoring.token: everybody on this machine can read token.secret; ${take} token.secret`,
      expect.stringContaining(
        `dns[0].annex.TServer.password: everybody on this machine can read phone.secret; ${take} phone.secret`,
      ),
      expect.stringContaining(`everybody on this machine can read the private key a.key; ${take} a.key`),
    ])
  })
})
