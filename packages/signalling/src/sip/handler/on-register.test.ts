import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { demoDirectory, demoObjects } from '../../testing/demo-objects.ts'
import { ManualClock } from '../../testing/manual-clock.ts'
import { memoryStore } from '../../testing/memory-store.ts'
import { incomingRequest, type RequestOfTest, replyHeader, replyHeaders } from '../../testing/sip-incoming.ts'
import type { DNumber } from '../../tserver/ids.ts'
import { SharedKey } from '../digest/shared-key.ts'
import type { Reply } from '../message/message.ts'
import { parseUri } from '../message/uri.ts'
import { readGruu } from '../registrar/gruu.ts'
import { Registrar } from '../registrar/registrar.ts'
import { defaultRegistrarLimits, usable } from '../registrar/registration.ts'
import { onRegister } from './on-register.ts'

const dn = '7001' as DNumber

function setUp() {
  const clock = new ManualClock()
  const store = memoryStore({ epoch: 'e', feedLimit: 10, clock })
  const objects = demoObjects()
  const fixed = { number: '7003', switch: 'SIP_Switch', annex: { TServer: { contact: 'sip:192.0.2.3' } } }
  const directory = demoDirectory({ ...objects, dns: [...objects.dns, fixed] })
  const flows = new Set<string>()
  const told: string[] = []
  const node = (name: string) => {
    const connected = store.connect(name)
    const registrar = new Registrar({
      store: connected,
      clock,
      node: name,
      limits: defaultRegistrarLimits,
      hasFlow: (flow) => flows.has(flow),
      onRegistered: (number) => told.push(`${name}: ${number}`),
    })
    const key = new SharedKey({ store: connected, clock, random: (bytes) => Buffer.alloc(bytes, 1) })
    const limits = defaultRegistrarLimits
    return {
      registrar,
      key,
      handle: onRegister({ directory: () => directory, registrar, key, clock, node: name, limits }),
    }
  }
  const [a, b] = [node('a'), node('b')]
  let cseq = 0
  /** Registers 7001; header lines, and what else is to be different. */
  const send = (lines: readonly string[], options: Partial<RequestOfTest> = {}, at = a): Promise<Reply> =>
    at.handle(incomingRequest({ method: 'REGISTER', cseq: ++cseq, lines, ...options }), { kind: 'dn', dn })
  const contacts = (reply: Reply) => {
    expect(reply.status).toBe(200)
    return replyHeaders(reply, 'Contact')
  }
  return { clock, store, flows, told, a, b, send, contacts }
}

const desk = '<sip:7001@192.0.2.1:5060>'
const mobile = '<sip:7001@198.51.100.7:5062>'
const instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"'
const overTCP = (flow: string) => ({ source: { transport: 'tcp', flow } }) as const

describe('who may register', () => {
  test('[SR-20] a DN for itself only', async () => {
    const { send } = setUp()
    expect((await send([`Contact: ${desk}`], { to: 'sip:7002@im.example' })).status).toBe(403)
    expect((await send([`Contact: ${desk}`], { to: 'sip:im.example' })).status).toBe(403)
  })

  test('[SR-20] neither a trunk, nor a DN that is not there, nor one with a configured contact', async () => {
    const { a } = setUp()
    const register = (user: string) => incomingRequest({ method: 'REGISTER', from: `sip:${user}@im.example` })
    expect(await a.handle(register('7001'), { kind: 'trunk', dn, number: '7001' })).toEqual({ status: 403 })
    expect(await a.handle(register('7009'), { kind: 'dn', dn: '7009' as DNumber })).toEqual({ status: 404 })
    const fixed = await a.handle(register('7003'), { kind: 'dn', dn: '7003' as DNumber })
    expect(fixed).toEqual({ status: 403, reason: 'Contact Is Configured' })
  })
})

describe('bindings', () => {
  test('[SR-21] are added, asked for and listed with the time left', async () => {
    const { clock, send, contacts } = setUp()
    const reply = await send([`Contact: ${desk};q=0.5, ${mobile};expires=90`, 'Expires: 600'])
    expect(contacts(reply)).toEqual([`${desk};expires=600;q=0.5`, `${mobile};expires=90`])
    expect(replyHeader(reply, 'Date')).toBe('Thu, 01 Jan 2026 00:00:00 GMT')
    clock.advance(60_000)
    expect(contacts(await send([]))).toEqual([`${mobile};expires=30`, `${desk};expires=540;q=0.5`])
  })

  test('[SR-21] change whole or not at all', async () => {
    const { send, contacts } = setUp()
    await send([`Contact: ${desk}`])
    const reply = await send([`Contact: ${desk};expires=0`, `Contact: ${mobile};expires=10`])
    expect(reply).toEqual({ status: 423, headers: [['Min-Expires', '60']] })
    expect(contacts(await send([]))).toEqual([`${desk};expires=3600`])
  })

  test('[SR-21] of REGISTERs at the same time on two nodes are all kept', async () => {
    const { send, contacts, a, b } = setUp()
    const sent = Array.from({ length: 6 }, (_, i) =>
      send([`Contact: <sip:7001@192.0.2.${i}>`], { callID: `call-${i}` }, i % 2 ? a : b),
    )
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
    expect(contacts(await send([]))).toHaveLength(6)
  })

  test.each([
    [';expires=7', 'Expires: 600', 423],
    ['', 'Expires: 59', 423],
    [';expires=60', 'Expires: 7', 60],
    ['', 'Expires: 100000', 7200],
    ['', 'Expires: never', 3600],
    [';expires=soon', 'Expires: 600', 3600],
    ['', 'X-None: 1', 3600],
    [';expires=99999999999999999999', 'X-None: 1', 7200],
  ])('[SR-22] %j with %j lasts %d', async (param, line, expected) => {
    const { send } = setUp()
    const reply = await send([`Contact: ${desk}${param}`, line])
    const given = /expires=(\d+)/.exec(replyHeader(reply, 'Contact') ?? '')?.[1]
    expect(reply.status === 200 ? Number(given) : reply.status).toBe(expected)
  })

  test('[SR-22] with 0 are removed; one that is not there changes nothing', async () => {
    const { send, contacts } = setUp()
    await send([`Contact: ${desk}, ${mobile}`])
    expect(contacts(await send([`Contact: ${desk}`, 'Expires: 0']))).toEqual([`${mobile};expires=3600`])
    expect(contacts(await send(['Contact: <sip:7001@203.0.113.9>;expires=0']))).toHaveLength(1)
  })

  test('[SR-23] are removed by * and Expires 0, and * goes with nothing else', async () => {
    const { send, contacts } = setUp()
    await send([`Contact: ${desk}, ${mobile}`])
    for (const lines of [['Contact: *'], ['Contact: *', 'Expires: 60'], [`Contact: *, ${desk}`, 'Expires: 0']])
      expect((await send(lines)).status).toBe(400)
    expect(contacts(await send(['Contact: *', 'Expires: 0']))).toEqual([])
    expect(contacts(await send([]))).toEqual([])
  })

  test('[SR-24] are the same when the URIs are equal', async () => {
    const { send, contacts } = setUp()
    await send(['Contact: <sip:7001@Phone.example;transport=tcp>'])
    await send(['Contact: <sip:7001@phone.EXAMPLE;transport=TCP>;q=0.1'])
    await send(['Contact: <sip:7001@phone.example:5060;transport=tcp>'])
    expect(contacts(await send([]))).toEqual([
      '<sip:7001@phone.example:5060;transport=tcp>;expires=3600',
      '<sip:7001@phone.EXAMPLE;transport=TCP>;expires=3600;q=0.1',
    ])
  })

  test('[SR-24] cannot be changed by what was sent before, nor sent twice', async () => {
    const { send, contacts } = setUp()
    await send([`Contact: ${desk}`], { cseq: 10 })
    for (const cseq of [9, 10])
      for (const lines of [
        [`Contact: ${desk};expires=0`],
        ['Contact: *', 'Expires: 0'],
        [`Contact: ${mobile}, ${desk}`],
      ])
        expect((await send(lines, { cseq })).status).toBe(500)
    expect(contacts(await send([`Contact: ${desk};q=0.3`], { cseq: 3, callID: 'after-a-restart' }))).toHaveLength(1)
    expect(contacts(await send([`Contact: ${desk}`], { cseq: 11 }))).toEqual([`${desk};expires=3600`])
  })

  test('[SR-24] named twice in one REGISTER are a mistake', async () => {
    const { send } = setUp()
    expect((await send([`Contact: ${desk}, ${desk};q=0.1`])).status).toBe(400)
  })

  test('[SR-25] are ten at most', async () => {
    const { send, contacts } = setUp()
    const many = (n: number) => Array.from({ length: n }, (_, i) => `<sip:7001@192.0.2.${i}>`).join(', ')
    expect(await send([`Contact: ${many(11)}`])).toEqual({ status: 403, reason: 'Too Many Contacts' })
    expect(contacts(await send([`Contact: ${many(10)}`]))).toHaveLength(10)
    expect(contacts(await send([`Contact: ${many(10)}`]))).toHaveLength(10)
  })

  test('[SR-25] of a phone that moves are its last ones: the one that was silent longest gives way', async () => {
    const { send, contacts, clock } = setUp()
    for (let i = 0; i < 12; i++) {
      await send([`Contact: <sip:7001@192.0.2.${i}>`], { cseq: i + 1 })
      clock.advance(1_000)
      // The desk phone stays where it is, and says so.
      if (i % 4 === 3) await send([`Contact: ${desk}`], { cseq: i + 1, callID: 'desk' })
    }
    const left = contacts(await send([], { cseq: 20 })).join()
    expect(left.split(',')).toHaveLength(10)
    expect(left).toContain(desk)
    expect(left).toContain('192.0.2.11')
    expect(left).not.toContain('192.0.2.0>')
  })

  test('[SR-25] take a kilobyte at most, and lose what is only nice to know before they are refused', async () => {
    const { send, a } = setUp()
    const contact = (length: number) => `Contact: <sip:${'7'.repeat(length)}@192.0.2.1>`
    const nice = [`User-Agent: ${'x'.repeat(64)}`]
    expect((await send([contact(700), ...nice])).status).toBe(200)
    expect((await send([contact(780), ...nice])).status).toBe(200)
    expect(await send([contact(1000), ...nice])).toEqual({ status: 400, reason: 'Contact Too Long' })
    const bindings = await a.registrar.bindings(dn)
    expect(bindings.map(({ userAgent }) => userAgent)).toEqual(['x'.repeat(64), undefined])
    for (const binding of bindings) expect(JSON.stringify(binding).length).toBeLessThanOrEqual(1024)
  })

  test.each([
    '<http://192.0.2.1>',
    'nonsense',
    '<sip:7001@192.0.2.1>;q=2',
    '<sip:7001@192.0.2.1>;reg-id=x',
    '<sip:7001@192.0.2.1?a=b>',
  ])('[SR-21] Contact %s is refused', async (contact) => {
    const { send } = setUp()
    expect((await send([`Contact: ${contact}`])).status).toBe(400)
  })

  test('[SR-26] run out by themselves, on every node', async () => {
    const { clock, store, send, a, b } = setUp()
    await send([`Contact: ${desk};expires=60, ${mobile};expires=120`])
    expect(await b.registrar.bindings(dn)).toHaveLength(2)
    clock.advance(60_000)
    expect((await a.registrar.bindings(dn)).map(({ contact }) => contact)).toEqual(['sip:7001@198.51.100.7:5062'])
    clock.advance(60_000)
    expect(await b.registrar.bindings(dn)).toEqual([])
    expect((await store.read({ records: [{ kind: 'registration', id: dn }], claims: [] })).records).toEqual([undefined])
  })

  test('[SR-27] come by preference, then by recency', async () => {
    const { clock, send, a } = setUp()
    for (const [i, q] of [0.5, 0.9, 0.5].entries()) {
      await send([`Contact: <sip:${i}@192.0.2.1>;q=${q}`])
      clock.advance(1)
    }
    await send(['Contact: <sip:3@192.0.2.1>'])
    expect((await a.registrar.bindings(dn)).map(({ contact }) => contact[4])).toEqual(['3', '1', '2', '0'])
  })
})

describe('extensions', () => {
  test('[SR-28] Path is kept, and echoed to who supports it', async () => {
    const { send, a } = setUp()
    const path = ['<sip:edge2.example;lr>', '<sip:edge1.example;lr;ob>']
    const lines = [`Contact: ${desk}`, `Path: ${path.join(', ')}`]
    expect(replyHeaders(await send(lines), 'Path')).toEqual([])
    expect(replyHeaders(await send([...lines, 'Supported: path']), 'Path')).toEqual(path)
    expect(await a.registrar.bindings(dn)).toMatchObject([{ path }])
    expect((await send([`Contact: ${desk}`, 'Path: nonsense'])).status).toBe(400)
  })

  test('[SR-28] what is required and not known is refused', async () => {
    const { send } = setUp()
    const reply = await send([`Contact: ${desk}`, 'Require: Path, x-new, outbound, y'])
    expect(reply).toEqual({ status: 420, headers: [['Unsupported', 'x-new, y']] })
  })

  test('[SR-29] with outbound a reconnected client replaces its binding, whatever its URI', async () => {
    const { flows, send, contacts } = setUp()
    flows.add('f1').add('f2')
    const outbound = (n: number, regID: number) =>
      send([`Contact: <sip:7001@192.0.2.${n}>;${instance};reg-id=${regID}`, 'Supported: outbound, path'], {
        ...overTCP(`f${n}`),
        callID: `call-${n}`,
      })
    const reply = await outbound(1, 1)
    expect(replyHeader(reply, 'Require')).toBe('outbound')
    expect(replyHeader(reply, 'Flow-Timer')).toBe('120')
    expect(contacts(await outbound(2, 1))).toEqual([`<sip:7001@192.0.2.2>;expires=3600;${instance};reg-id=1`])
    expect(contacts(await outbound(1, 2))).toHaveLength(2)
  })

  test('[SR-29] two reg-ids at once are a mistake, one without outbound or instance means nothing', async () => {
    const { send, contacts } = setUp()
    const two = [`Contact: ${desk};${instance};reg-id=1, ${mobile};${instance};reg-id=2`, 'Supported: outbound']
    expect((await send(two)).status).toBe(400)
    expect(contacts(await send([`Contact: ${desk};${instance};reg-id=1`]))).toEqual([
      `${desk};expires=3600;${instance}`,
    ])
    const reply = await send([`Contact: ${mobile};reg-id=1`, 'Supported: outbound'])
    expect(replyHeader(reply, 'Require')).toBeUndefined()
  })

  test('[SR-30] outbound through a proxy needs one that keeps the flow', async () => {
    const { send, contacts, a } = setUp()
    const through = (path: readonly string[]) =>
      send([`Contact: ${desk};${instance};reg-id=1`, 'Supported: outbound, path', ...path], {
        proxies: ['SIP/2.0/TCP edge.example'],
        ...overTCP('to the edge'),
      })
    expect((await through([])).status).toBe(439)
    expect((await through(['Path: <sip:edge.example;lr>'])).status).toBe(439)
    const reply = await through(['Path: <sip:core.example;lr>, <sip:x@edge.example;lr;ob>'])
    expect(contacts(reply)).toHaveLength(1)
    expect(replyHeader(reply, 'Flow-Timer')).toBeUndefined()
    expect((await a.registrar.bindings(dn))[0]).not.toHaveProperty('bound')
  })

  test('[SR-31] what is bound to a flow goes with it, the rest stays', async () => {
    const { flows, send, a, b } = setUp()
    flows.add('f1').add('f2').add('f3')
    await send([`Contact: <sip:1@192.0.2.1>;${instance};reg-id=1`, 'Supported: outbound'], overTCP('f1'))
    await send(['Contact: <sip:2@x.invalid;transport=ws>'], { source: { transport: 'ws', flow: 'f2' } })
    await send(['Contact: <sip:3@192.0.2.3;transport=tcp>'], overTCP('f3'))
    await send([`Contact: ${desk}`])
    for (const flow of ['f1', 'f2', 'f3', 'never']) {
      await b.registrar.flowClosed(flow)
      expect(await a.registrar.bindings(dn)).toHaveLength(4)
    }
    await a.registrar.flowClosed('f1')
    await a.registrar.flowClosed('f2')
    await a.registrar.flowClosed('f3')
    expect((await b.registrar.bindings(dn)).map(({ contact }) => contact)).toEqual([
      'sip:3@192.0.2.3;transport=tcp',
      'sip:7001@192.0.2.1:5060',
    ])
  })

  test('[SR-31] a flow that closes before its binding is stored takes it along', async () => {
    const { send, a } = setUp()
    const lines = [`Contact: <sip:1@192.0.2.1>;${instance};reg-id=1`, 'Supported: outbound']
    expect((await send(lines, overTCP('closed by now'))).status).toBe(200)
    expect(await a.registrar.bindings(dn)).toEqual([])
  })

  test('[SR-31] a restarted node has lost what was bound to its flows', async () => {
    const { flows, send, a } = setUp()
    flows.add('f1')
    await send([`Contact: <sip:1@192.0.2.1>;${instance};reg-id=1`, 'Supported: outbound'], overTCP('f1'))
    await send([`Contact: ${desk}`])
    const usableWith = async (alive: string) =>
      (await a.registrar.bindings(dn)).filter((binding) => usable(binding, (node) => node === alive)).length
    expect(await usableWith('a')).toBe(2)
    expect(await usableWith('a, second run')).toBe(1)
  })

  test('[SR-35] a binding that leads nowhere is dropped, unless it was refreshed since', async () => {
    const { send, a, b } = setUp()
    await send([`Contact: ${desk}, ${mobile}`])
    const [first, second] = await a.registrar.bindings(dn)
    if (!first || !second) throw new Error('two bindings')
    await send([`Contact: <${second.contact}>`])
    await b.registrar.drop(dn, first)
    await b.registrar.drop(dn, first)
    await b.registrar.drop(dn, second)
    expect((await a.registrar.bindings(dn)).map(({ contact }) => contact)).toEqual([second.contact])
  })

  test('[SR-32] GRUUs lead to the instance, the temporary one while the Call-ID stays', async () => {
    const { send, a, b } = setUp()
    const register = (callID: string) =>
      send([`Contact: ${desk};${instance}, ${mobile}`, 'Supported: gruu'], { callID })
    const reply = await register('first')
    const [withInstance = '', without] = replyHeaders(reply, 'Contact')
    expect(without).not.toContain('gruu')
    const gruus = [...withInstance.matchAll(/(?:pub|temp)-gruu="([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(gruus[0]).toBe('sip:7001@im.example;gr=urn:uuid:00000000-0000-1000-8000-000a95a0e128')
    expect(gruus[1]).toMatch(/^sip:tgruu\.[\w-]+@im\.example;gr$/)
    expect(gruus[1]).not.toContain('7001')

    const resolve = async (uri = '') => {
      const parsed = parseUri(uri)
      const target = parsed && readGruu(await b.key.current(), parsed)
      if (!target) return undefined
      const bindings = await a.registrar.bindings(target.dn)
      return {
        dn: target.dn,
        contacts: bindings.filter((binding) => target.matches(binding)).map(({ contact }) => contact),
      }
    }
    const found = { dn, contacts: ['sip:7001@192.0.2.1:5060'] }
    expect(await resolve(gruus[0])).toEqual(found)
    expect(await resolve(gruus[1])).toEqual(found)
    await register('second')
    expect(await resolve(gruus[0])).toEqual(found)
    expect(await resolve(gruus[1])).toEqual({ dn, contacts: [] })
    expect(await resolve(gruus[1]?.replace('tgruu.', 'tgruu.A'))).toBeUndefined()
    for (const other of ['sip:7001@im.example', 'sip:tgruu.AAAA@im.example;gr', 'sip:im.example;gr=x'])
      expect(await resolve(other)).toBeUndefined()
  })

  test('[SR-32] without being asked for there are none', async () => {
    const { send } = setUp()
    expect(replyHeader(await send([`Contact: ${desk};${instance}`]), 'Contact')).not.toContain('gruu')
  })
})

describe('the rest of the engine', () => {
  test('[SR-33] is told here of each registration, elsewhere of new addresses', async () => {
    const { send, told } = setUp()
    await send([`Contact: ${desk}`])
    expect(told.splice(0).sort()).toEqual(['a: 7001', 'b: 7001'])
    await send([`Contact: ${desk}`])
    expect(told.splice(0)).toEqual(['a: 7001'])
    await send([])
    await send([`Contact: ${desk};expires=0`])
    expect(told).toEqual([])
  })

  test('[SR-33] a registrar that was closed hears nothing', async () => {
    const { send, told, b } = setUp()
    b.registrar.close()
    await send([`Contact: ${desk}`])
    expect(told).toEqual(['a: 7001'])
  })

  test('[SR-9] a store that does not answer makes it 503', async () => {
    const { send, store } = setUp()
    store.outage('TERR_NO_SWITCH')
    expect(await send([`Contact: ${desk}`])).toEqual({ status: 503, headers: [['Retry-After', '5']] })
  })
})

test('[SR-21] whatever a REGISTER holds, it is answered, and nothing stored is too long', async () => {
  const { a, send } = setUp()
  const part = fc.oneof(
    fc.constantFrom(
      desk,
      mobile,
      '*',
      ',',
      ';',
      '"',
      '<',
      '>',
      '=',
      'sip:',
      `;${instance}`,
      ';reg-id=1',
      ';expires=',
      ';q=',
    ),
    fc.constantFrom(
      '0',
      '1',
      '600',
      '-1',
      '0.5',
      '99999999999',
      'outbound',
      'path',
      'gruu',
      ' ',
      'urn:x',
      ';ob',
      '%41',
      '[::1]',
    ),
    fc.string({ maxLength: 5 }).map((text) => text.replace(/[^ -~]/g, '')),
  )
  const value = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''))
  const name = fc.constantFrom('Contact', 'm', 'Path', 'Expires', 'Supported', 'Require', 'User-Agent')
  const line = fc.tuple(name, value).map(([header, text]) => `${header}: ${text}`)
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.nat({ max: 1 }), async (lines, proxies) => {
      const options = { proxies: Array.from({ length: proxies }, () => 'SIP/2.0/TCP p.example'), ...overTCP('f') }
      const reply = await send(lines, options)
      expect([200, 400, 403, 420, 423, 439, 500]).toContain(reply.status)
      for (const binding of await a.registrar.bindings(dn))
        expect(JSON.stringify(binding).length).toBeLessThanOrEqual(1024)
    }),
    { seed: 21, numRuns: 1000 },
  )
})
