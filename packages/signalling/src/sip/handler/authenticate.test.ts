import { describe, expect, test } from 'vitest'
import { demoDirectory, demoObjects } from '../../testing/demo-objects.ts'
import { ManualClock } from '../../testing/manual-clock.ts'
import { memoryStore } from '../../testing/memory-store.ts'
import { answerTo, incomingRequest, type RequestOfTest } from '../../testing/sip-incoming.ts'
import type { DNObject } from '../../tserver/directory-objects.ts'
import { DigestAuthenticator } from '../digest/authenticator.ts'
import { SharedKey } from '../digest/shared-key.ts'
import type { IncomingRequest } from '../ports.ts'
import { Registrar } from '../registrar/registrar.ts'
import { defaultRegistrarLimits } from '../registrar/registration.ts'
import { authenticate } from './authenticate.ts'
import { localHosts } from './local-hosts.ts'
import { onOptions } from './on-options.ts'
import { onRegister } from './on-register.ts'
import { Peers } from './trunk.ts'

const dnObject = (number: string, options: Record<string, string>, type = 'Extension'): DNObject => ({
  number,
  type,
  switch: 'SIP_Switch',
  annex: { TServer: options },
})

const dns = [
  dnObject('7001', { password: 'secret' }),
  dnObject('7002', { password: 'secret', 'authenticate-requests': 'register,invite' }),
  dnObject('7003', { contact: 'sip:192.0.2.33:5070' }),
  dnObject('7004', {}),
  dnObject('7005', { contact: 'sip:192.0.2.35', password: 'secret', 'authenticate-requests': 'invite' }),
  dnObject('PSTN', { contact: 'sip:203.0.113.1' }, 'Trunk'),
]

function setUp() {
  const clock = new ManualClock()
  const store = memoryStore({ epoch: 'e', feedLimit: 10, clock })
  const directory = demoDirectory({ ...demoObjects(), dns, places: [], persons: [], agentLogins: [] })
  const key = new SharedKey({ store, clock, random: (bytes) => Buffer.alloc(bytes, 1) })
  const digest = new DigestAuthenticator({ store, clock, realm: 'demo', key })
  const peers = new Peers({ directory: () => directory, resolve: async () => [], clock })
  const limits = defaultRegistrarLimits
  const registrar = new Registrar({ store, clock, node: 'a', limits, hasFlow: () => true })
  const isLocal = localHosts(['IM.example', '192.0.2.100', '2001:DB8::0:1'])
  const check = authenticate({ directory: () => directory, digest, peers, registrar, node: 'a', isLocal })
  const options = onOptions({ directory: () => directory, authenticate: check, isLocal })
  const register = onRegister({ directory: () => directory, registrar, key, clock, node: 'a', limits })

  const send = (incoming: Partial<RequestOfTest> = {}) => check(incomingRequest({ method: 'MESSAGE', ...incoming }))
  const status = async (incoming: Partial<RequestOfTest> = {}) => {
    const outcome = await send(incoming)
    return 'reply' in outcome ? outcome.reply.status : outcome.identity.dn
  }
  /** Sends once more, with a credential. */
  const prove = async (incoming: Partial<RequestOfTest>, user: string, password = 'secret') => {
    const outcome = await send(incoming)
    if (!('reply' in outcome) || outcome.reply.status !== 401) return outcome
    const { method = 'MESSAGE', uri } = incoming
    const line = answerTo(outcome.reply, { user, password, method, ...(uri !== undefined && { uri }) })
    return send({ ...incoming, lines: [...(incoming.lines ?? []), line] })
  }
  /** Registers a DN for real, from where `source` says. */
  const registers = async (number: string, incoming: Partial<RequestOfTest> = {}) => {
    const from = `sip:${number}@im.example`
    const lines = [`Contact: <sip:${number}@192.0.2.1>`]
    const outcome = await prove({ method: 'REGISTER', from, lines, ...incoming }, number)
    if ('reply' in outcome) throw new Error(`refused: ${outcome.reply.status}`)
    const request = incomingRequest({ method: 'REGISTER', from, lines, ...incoming })
    expect((await register(request, outcome.identity)).status).toBe(200)
  }
  return { store, send, status, prove, registers, options, check }
}

const from = (number: string) => `sip:${number}@im.example`
const at = (address: string, more: Partial<IncomingRequest['source']> = {}) => ({ source: { address, ...more } })

describe('what a request is for', () => {
  test.each([
    ['sip:7002@elsewhere.example', 403],
    ['sip:7002@192.0.2.101', 403],
    ['tel:+4930123', 416],
    ['http://im.example', 416],
    ['sip:7002@im.example', 401],
    ['im:7002@im.example', 401],
    ['sips:7002@192.0.2.100:5061', 401],
    ['sip:7002@[2001:db8::1]', 401],
  ])('[SR-10] %s is answered %d', async (uri, expected) => {
    const { status } = setUp()
    expect(await status({ uri })).toBe(expected)
  })

  test('[SR-10] nor does a trunk relay', async () => {
    const { status } = setUp()
    const trunk = { from: 'sip:4930@carrier.example', ...at('203.0.113.1') }
    expect(await status({ ...trunk, uri: 'sip:100@elsewhere.example' })).toBe(403)
    expect(await status(trunk)).toBe('PSTN')
  })
})

describe('who sends it', () => {
  test.each([
    ['sip:7001@elsewhere.example'],
    ['sip:stranger@elsewhere.example'],
    ['sip:im.example'],
    ['tel:+4930123'],
    ['sip:anonymous@anonymous.invalid'],
  ])('[SR-11] %s from nowhere we know is 403', async (sender) => {
    const { status } = setUp()
    expect(await status({ from: sender })).toBe(403)
  })

  test.each(['REGISTER', 'MESSAGE', 'INVITE', 'OPTIONS', 'SUBSCRIBE'])(
    '[SR-12] a DN with a password is challenged for %s, and let in with it',
    async (method) => {
      const { status, prove } = setUp()
      expect(await status({ method })).toBe(401)
      expect(await prove({ method }, '7001')).toEqual({ identity: { kind: 'dn', dn: '7001' } })
    },
  )

  test('[SR-7] [SR-12] a DN without a password, one that is not there and one with another password look alike', async () => {
    const { prove } = setUp()
    for (const [number, password] of [
      ['7004', ''],
      ['7003', ''],
      ['7777', 'secret'],
      ['7001', 'wrong'],
    ] as const)
      expect(await prove({ from: from(number) }, number, password), number).toMatchObject({ reply: { status: 401 } })
  })

  test('[SR-12] a DN with a configured contact and no password is known by its address, at any port', async () => {
    const { status } = setUp()
    const desk = { from: from('7003') }
    expect(await status({ ...desk, ...at('192.0.2.33', { port: 40_000 }) })).toBe('7003')
    expect(await status({ ...desk, ...at('::ffff:192.0.2.33') })).toBe('7003')
    expect(await status({ ...desk, ...at('192.0.2.34') })).toBe(401)
    expect(await status({ from: from('7004'), ...at('192.0.2.33') })).toBe(401)
  })

  test('[SR-14] the credential of another user is 403', async () => {
    const { prove } = setUp()
    expect(await prove({ from: from('7001') }, '7002')).toEqual({ reply: { status: 403 } })
    expect(await prove({ from: from('7777') }, '7001')).toEqual({ reply: { status: 403 } })
  })
})

describe('authenticate-requests', () => {
  test('[SR-13] a method that is not listed needs no credential from where the DN has registered', async () => {
    const { status, registers } = setUp()
    const message = { from: from('7002'), cseq: 5 }
    expect(await status(message)).toBe(401)
    await registers('7002')
    expect(await status(message)).toBe('7002')
    expect(await status({ ...message, method: 'INVITE' })).toBe(401)
    expect(await status({ ...message, method: 'REGISTER' })).toBe(401)
    expect(await status({ ...message, ...at('192.0.2.1', { port: 5061 }) })).toBe(401)
    expect(await status({ ...message, ...at('192.0.2.1', { transport: 'tcp', flow: 'f9' }) })).toBe(401)
    expect(await status({ ...message, proxies: ['SIP/2.0/UDP 192.0.2.1'] })).toBe(401)
  })

  test('[SR-13] over a connection it is the flow that counts', async () => {
    const { status, registers } = setUp()
    const overTCP = (flow: string) => at('192.0.2.1', { transport: 'tcp', port: 41_000, flow })
    await registers('7002', overTCP('f1'))
    expect(await status({ from: from('7002'), ...overTCP('f1') })).toBe('7002')
    expect(await status({ from: from('7002'), ...overTCP('f2') })).toBe(401)
  })

  test('[SR-13] behind a proxy anybody can be', async () => {
    const { status, registers } = setUp()
    await registers('7002', { proxies: ['SIP/2.0/UDP 192.0.2.1'] })
    expect(await status({ from: from('7002') })).toBe(401)
  })

  test('[SR-13] a configured contact is a known address, too', async () => {
    const { status } = setUp()
    expect(await status({ from: from('7005'), ...at('192.0.2.35') })).toBe('7005')
    expect(await status({ from: from('7005'), method: 'INVITE', ...at('192.0.2.35') })).toBe(401)
    expect(await status({ from: from('7005'), ...at('192.0.2.36') })).toBe(401)
  })
})

describe('a trunk', () => {
  const carrier = at('203.0.113.1')

  test('[SR-11] needs no credential, and speaks for numbers', async () => {
    const { send } = setUp()
    expect(await send({ from: 'sip:+4930123@carrier.example', ...carrier })).toEqual({
      identity: { kind: 'trunk', dn: 'PSTN', number: '+4930123' },
    })
  })

  test('[SR-11] cannot pretend to be a DN of ours, nor register', async () => {
    const { status } = setUp()
    expect(await status({ from: from('7001'), ...carrier })).toBe(401)
    expect(await status({ from: 'sip:7001@carrier.example', ...carrier })).toBe('PSTN')
    expect(await status({ from: from('4711'), ...carrier })).toBe('PSTN')
    expect(await status({ method: 'REGISTER', from: from('7001'), ...carrier })).toBe(401)
    expect(await status({ method: 'REGISTER', from: 'sip:1@carrier.example', ...carrier })).toBe(403)
  })

  test.each([
    [['P-Asserted-Identity: "A" <sip:+4940@carrier.example>'], '+4940'],
    [['P-Asserted-Identity: <tel:+4950;phone-context=x>'], '+4950'],
    [['P-Asserted-Identity: <sip:carrier.example>, <tel:+4960>'], '+4960'],
    [[], 'unknown'],
  ])('[SR-16] with %j the caller is %s', async (lines, number) => {
    const { send } = setUp()
    expect(await send({ from: 'sip:unknown@carrier.example', lines, ...carrier })).toMatchObject({
      identity: { number },
    })
  })

  test('[SR-16] a caller without a number is anonymous', async () => {
    const { send } = setUp()
    expect(await send({ from: 'sip:carrier.example', ...carrier })).toMatchObject({ identity: { number: 'anonymous' } })
  })
})

describe('OPTIONS', () => {
  const ask = (options: Partial<RequestOfTest>) => incomingRequest({ method: 'OPTIONS', ...options })

  test('[SR-40] to the server is answered to anybody', async () => {
    const { options } = setUp()
    const reply = await options(ask({ uri: 'sip:im.example', from: 'sip:dispatcher@localhost' }))
    expect(reply.status).toBe(200)
    expect(reply.headers?.map(([name]) => name)).toEqual([
      'Allow',
      'Accept',
      'Accept-Encoding',
      'Accept-Language',
      'Supported',
    ])
    expect((await options(ask({ uri: 'sip:elsewhere.example' }))).status).toBe(403)
  })

  test('[SR-40] to a user is answered to who is known', async () => {
    const { options } = setUp()
    expect((await options(ask({}))).status).toBe(401)
    const known = { from: from('7003'), ...at('192.0.2.33') }
    expect((await options(ask(known))).status).toBe(200)
    expect((await options(ask({ ...known, uri: 'sip:7777@im.example' }))).status).toBe(404)
  })
})

test('[SR-9] while the store does not answer, nobody is let in', async () => {
  const { store, send } = setUp()
  store.outage('TERR_TIMEOUT')
  const refused = { reply: { status: 503, headers: [['Retry-After', '5']] } }
  expect(await send()).toEqual(refused)
  expect(await send({ from: from('7002') })).toEqual(refused)
})

test('[SR-11] a DN that is not there cannot be made one by a path in the directory', async () => {
  const { prove } = setUp()
  for (const user of ['__proto__', 'constructor', 'toString'])
    expect(await prove({ from: from(user) }, user, 'undefined')).toMatchObject({ reply: { status: 401 } })
})
