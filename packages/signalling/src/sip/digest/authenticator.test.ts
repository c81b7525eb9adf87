import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../testing/manual-clock.ts'
import { memoryStore } from '../../testing/memory-store.ts'
import {
  type Answering,
  answerTo,
  incomingRequest,
  type RequestOfTest,
  replyHeaders,
} from '../../testing/sip-incoming.ts'
import { DigestAuthenticator, type DigestOutcome } from './authenticator.ts'
import { type DigestAlgorithm, digestAlgorithms } from './digest-response.ts'
import { parseDigest } from './parse-digest.ts'
import { SharedKey } from './shared-key.ts'

const passwords = new Map([
  ['7001', 'secret'],
  ['7002', 'geheim ü'],
])
const passwordOf = (user: string) => passwords.get(user)

function setUp() {
  const clock = new ManualClock()
  const store = memoryStore({ epoch: 'e', feedLimit: 10, clock })
  let chance = 0
  const random = (bytes: number) => Buffer.alloc(bytes, ++chance)
  const node = (name: string, algorithms: readonly DigestAlgorithm[] = digestAlgorithms) => {
    const connected = store.connect(name)
    const key = new SharedKey({ store: connected, clock, random })
    return new DigestAuthenticator({ store: connected, clock, realm: 'demo', key, random, algorithms })
  }
  const [a, b] = [node('a'), node('b')]
  const send = (options: Partial<RequestOfTest> = {}, at = a) =>
    at.verify(incomingRequest({ method: 'REGISTER', ...options }), passwordOf)
  const challenge = async (options: Partial<RequestOfTest> = {}) => replyOf(await send(options))
  /** Answers a challenge. */
  const answer = async (
    reply: Awaited<ReturnType<typeof challenge>>,
    answering: Partial<Answering> = {},
    options: Partial<RequestOfTest> = {},
    at = a,
  ) => send({ lines: [answerTo(reply, { user: '7001', password: 'secret', ...answering })], ...options }, at)
  return { clock, store, a, b, send, challenge, answer, node }
}

function replyOf(outcome: DigestOutcome) {
  if (!('reply' in outcome)) throw new Error('it was let in')
  return outcome.reply
}
const isStale = (outcome: DigestOutcome) =>
  replyOf(outcome).status === 401 &&
  String(replyHeaders(replyOf(outcome), 'WWW-Authenticate')[0]).includes('stale=true')
const asUser = { user: '7001' }

describe('a challenge', () => {
  test('[SR-1] offers SHA-256 before MD5, both qualities, and one nonce', async () => {
    const { challenge } = setUp()
    const reply = await challenge()
    expect(reply.status).toBe(401)
    const offers = replyHeaders(reply, 'WWW-Authenticate').map((value) => Object.fromEntries(parseDigest(value) ?? []))
    expect(offers).toHaveLength(2)
    expect(offers[0]).toMatchObject({ realm: 'demo', algorithm: 'SHA-256', qop: 'auth,auth-int' })
    expect(offers[1]).toEqual({ ...offers[0], algorithm: 'MD5' })
    expect(offers[0]).not.toHaveProperty('stale')
  })

  test('[SR-1] offers one algorithm where one is configured, and takes no other', async () => {
    const { node, send, answer } = setUp()
    const onlyMD5 = node('c', ['MD5'])
    const reply = replyOf(await send({}, onlyMD5))
    expect(replyHeaders(reply, 'WWW-Authenticate').map((value) => parseDigest(value)?.get('algorithm'))).toEqual([
      'MD5',
    ])
    expect(await answer(reply, { algorithm: 'MD5' }, {}, onlyMD5)).toEqual(asUser)
    expect(replyOf(await answer(reply, { algorithm: 'SHA-256', nc: 2 }, {}, onlyMD5)).status).toBe(401)
  })

  test('[SR-3] no two nonces are alike, and each says nothing of the one before', async () => {
    const { challenge } = setUp()
    const nonces = await Promise.all([challenge(), challenge(), challenge()])
    expect(new Set(nonces.map((reply) => replyHeaders(reply, 'WWW-Authenticate')[0])).size).toBe(3)
  })
})

describe('a credential', () => {
  test.each([
    ['SHA-256', 'auth'],
    ['SHA-256', 'auth-int'],
    ['MD5', 'auth'],
    ['MD5', 'auth-int'],
    ['MD5', 'none'],
  ] as const)('[SR-1] that is right is let in: %s, %s', async (algorithm, qop) => {
    const { challenge, answer } = setUp()
    expect(await answer(await challenge(), { algorithm, qop })).toEqual(asUser)
  })

  test('[SR-1] counts body and method', async () => {
    const { challenge, answer } = setUp()
    const message = { method: 'MESSAGE', body: 'hello' }
    const [reply, again] = [await challenge(), await challenge()]
    expect(await answer(reply, { ...message, qop: 'auth-int' }, message)).toEqual(asUser)
    const changed = await answer(again, { ...message, qop: 'auth-int' }, { ...message, body: 'jello' })
    expect(replyOf(changed).status).toBe(401)
    const otherMethod = await answer(again, { method: 'REGISTER', nc: 2 }, { method: 'PUBLISH', uri: 'sip:im.example' })
    expect(replyOf(otherMethod).status).toBe(401)
  })

  test('[SR-1] a password in UTF-8 is a password', async () => {
    const { challenge, answer } = setUp()
    expect(await answer(await challenge(), { user: '7002', password: 'geheim ü' })).toEqual({ user: '7002' })
  })

  test('[SR-2] for another realm, of another scheme or algorithm is passed over; the one for us counts', async () => {
    const { challenge, answer, send } = setUp()
    const reply = await challenge()
    const ours = answerTo(reply, { user: '7001', password: 'secret' })
    const foreign = ['Authorization: Basic YTpi', ours.replace('realm="demo"', 'realm="other"')]
    for (const line of [...foreign, ours.replace('=SHA-256', '=SHA-512-256')])
      expect(replyOf(await send({ lines: [line] })).status).toBe(401)
    expect(await send({ lines: [...foreign, ours.replace('=SHA-256', '=SHA-1'), ours] })).toEqual(asUser)
    expect(await answer(reply, { nc: 2 })).toEqual(asUser)
  })

  test('[SR-2] that is malformed is 400', async () => {
    const { challenge, send } = setUp()
    const right = answerTo(await challenge(), { user: '7001', password: 'secret' })
    const broken = [
      right.replace('uri="sip:im.example"', 'uri="sip:elsewhere.example"'),
      right.replace('qop=auth,', 'qop=best,'),
      right.replace('nc=00000001', 'nc=1'),
      right.replace(', cnonce="c0ffee"', ''),
      right.replace(/response="[^"]*"/, 'x=y'),
    ]
    for (const line of broken) expect(replyOf(await send({ lines: [line] })).status, line).toBe(400)
  })

  test('[SR-2] may name the server alone, but no other user', async () => {
    const { challenge, answer } = setUp()
    const message = { method: 'MESSAGE', uri: 'sip:7002@im.example' }
    const reply = await challenge()
    expect(await answer(reply, { method: 'MESSAGE', uri: 'sip:im.example:5060' }, message)).toEqual(asUser)
    const other = await answer(reply, { method: 'MESSAGE', uri: 'sip:7003@im.example', nc: 2 }, message)
    expect(replyOf(other).status).toBe(400)
  })

  test('[SR-2] a proxy may have added a port or a parameter to the URI', async () => {
    const { challenge, answer } = setUp()
    const uri = 'sip:im.example:5060;transport=udp'
    expect(await answer(await challenge(), {}, { uri })).toEqual(asUser)
  })
})

describe('a nonce', () => {
  test('[SR-3] of one node is good at another', async () => {
    const { challenge, answer, b } = setUp()
    expect(await answer(await challenge(), {}, {}, b)).toEqual(asUser)
  })

  test('[SR-4] that is over is stale, and the answer brings a fresh one', async () => {
    const { clock, challenge, answer } = setUp()
    const reply = await challenge()
    clock.advance(119_000)
    expect(await answer(reply)).toEqual(asUser)
    clock.advance(2_000)
    const outcome = await answer(reply, { nc: 2 })
    expect(isStale(outcome)).toBe(true)
    expect(await answer(replyOf(outcome))).toEqual(asUser)
  })

  test('[SR-4] nobody has made is stale, whatever the response', async () => {
    const { challenge, send } = setUp()
    const right = answerTo(await challenge(), { user: '7001', password: 'secret' })
    const forged = right.replace(
      / nonce="(.)([^"]*)"/,
      (_, first: string, rest: string) => ` nonce="${first === 'A' ? 'B' : 'A'}${rest}"`,
    )
    expect(isStale(await send({ lines: [forged] }))).toBe(true)
    expect(isStale(await send({ lines: [right.replace(/ nonce="[^"]*"/, ' nonce="x"')] }))).toBe(true)
  })

  test('[SR-5] serves each count once, on whatever node, in any order', async () => {
    const { challenge, answer, b } = setUp()
    const reply = await challenge()
    expect(await answer(reply, { nc: 3 })).toEqual(asUser)
    expect(await answer(reply, { nc: 1 }, {}, b)).toEqual(asUser)
    expect(isStale(await answer(reply, { nc: 3 }))).toBe(true)
    expect(isStale(await answer(reply, { nc: 3 }, {}, b))).toBe(true)
    expect(await answer(reply, { nc: 4 }, {}, b)).toEqual(asUser)
  })

  test('[SR-5] serves a MESSAGE that comes again, to any node, as long as it is the very same', async () => {
    const { challenge, answer, b } = setUp()
    const message = { method: 'MESSAGE', callID: 'one', body: 'hello' }
    const reply = await challenge(message)
    const answering = { method: 'MESSAGE' }
    expect(await answer(reply, answering, message)).toEqual(asUser)
    expect(await answer(reply, answering, message, b)).toEqual(asUser)
    expect(isStale(await answer(reply, answering, { ...message, callID: 'two' }, b))).toBe(true)
    expect(isStale(await answer(reply, answering, { ...message, body: 'bye' }))).toBe(true)
    // Somebody has tried: from now on it is nobody's.
    expect(isStale(await answer(reply, answering, message))).toBe(true)
  })

  test('[SR-6] serves once without qop', async () => {
    const { challenge, answer, b } = setUp()
    const reply = await challenge()
    expect(await answer(reply, { algorithm: 'MD5', qop: 'none' })).toEqual(asUser)
    expect(isStale(await answer(reply, { algorithm: 'MD5', qop: 'none' }, {}, b))).toBe(true)
  })

  test('[SR-3] nodes that need the key at the same time agree on one', async () => {
    const { node, send } = setUp()
    const nodes = Array.from({ length: 4 }, (_, i) => node(`n${i}`))
    const replies = await Promise.all(nodes.map((at) => send({}, at)))
    for (const [i, outcome] of replies.entries()) {
      const lines = [answerTo(replyOf(outcome), { user: '7001', password: 'secret' })]
      expect(await send({ lines }, nodes[(i + 1) % 4])).toEqual(asUser)
    }
  })
})

describe('a wrong password', () => {
  test('[SR-7] and a user nobody knows get the same answer', async () => {
    const { challenge, answer } = setUp()
    const wrong = replyOf(await answer(await challenge(), { password: 'guess' }))
    const unknown = replyOf(await answer(await challenge(), { user: '9999' }))
    const shape = (reply: typeof wrong) => ({
      ...reply,
      headers: reply.headers?.map(([name, value]) => [name, value.replace(/nonce="[^"]*"/, '')]),
    })
    expect(shape(unknown)).toEqual(shape(wrong))
    expect(wrong.status).toBe(401)
    expect(isStale({ reply: wrong })).toBe(false)
  })

  test('[SR-8] ten times within a minute: the source has to wait, on every node, also with the right one', async () => {
    const { clock, challenge, answer, b } = setUp()
    const reply = await challenge()
    for (let i = 0; i < 10; i++) expect(replyOf(await answer(reply, { password: `guess ${i}` })).status).toBe(401)
    clock.advance(20_000)
    expect(replyOf(await answer(reply))).toEqual({
      status: 403,
      reason: 'Too Many Failed Attempts',
      headers: [['Retry-After', '40']],
    })
    expect(replyOf(await answer(reply, { password: 'one more' }, {}, b)).status).toBe(401)
    expect(replyOf(await answer(reply, {}, {}, b)).status).toBe(403)
    clock.advance(60_001)
    expect(await answer(reply, { nc: 7 })).toEqual(asUser)
  })

  test('[SR-8] locks out neither the user from elsewhere, nor another user', async () => {
    const { challenge, answer } = setUp()
    const reply = await challenge({ source: { address: '198.51.100.66' } })
    for (let i = 0; i < 11; i++) await answer(reply, { password: 'guess' }, { source: { address: '192.0.2.1' } })
    expect(replyOf(await answer(reply)).status).toBe(403)
    // The right user's own nonce; the guesser has only pretended to be at this address.
    expect(await answer(await challenge())).toEqual(asUser)
    expect(await answer(reply, { user: '7002', password: 'geheim ü' })).toEqual({ user: '7002' })
  })

  test('[SR-8] a source that tries many users has to wait as well', async () => {
    const { challenge, answer } = setUp()
    const reply = await challenge()
    for (let i = 0; i < 100; i++) await answer(reply, { user: `8${i}` })
    expect(replyOf(await answer(reply)).status).toBe(403)
  })
})

describe('the store', () => {
  test('[SR-9] that does not answer refuses, and lets nobody in', async () => {
    const { store, challenge, answer } = setUp()
    const reply = await challenge()
    store.outage('TERR_NO_SWITCH')
    await expect(answer(reply)).rejects.toThrow()
    store.outage(undefined)
    expect(await answer(reply)).toEqual(asUser)
  })

  test('[SR-1] a realm that cannot be quoted is refused at once', () => {
    const { store, clock } = setUp()
    const key = new SharedKey({ store, clock, random: (bytes) => Buffer.alloc(bytes) })
    for (const realm of ['', 'a"b', 'a\\b', 'a\r\nb'])
      expect(() => new DigestAuthenticator({ store, clock, realm, key })).toThrow('realm')
  })
})

describe('who is there', () => {
  test('[SR-53] is who brings a nonce of ours from the address it was given to', async () => {
    const { a, b, challenge, clock } = setUp()
    const lines = [answerTo(await challenge(), { ...asUser, password: 'secret' })]
    const at = (address: string, given = lines) =>
      incomingRequest({ method: 'REGISTER', lines: given, source: { address } })
    expect([await a.isThere(at('192.0.2.1')), await b.isThere(at('192.0.2.1'))]).toEqual([true, true])
    expect(await a.isThere(at('192.0.2.2'))).toBe(false)
    expect(await a.isThere(at('192.0.2.1', []))).toBe(false)
    clock.advance(130_000)
    expect(await a.isThere(at('192.0.2.1'))).toBe(false)
  })
})

describe('lock-outs', () => {
  test('[SR-54] are told with user and address, and end when they are lifted, on each node that hears of it', async () => {
    const { a, b, challenge, answer } = setUp()
    for (let i = 0; i < 10; i++) await answer(await challenge(), { ...asUser, password: 'guess' })
    const [lockOut] = a.lockOuts()
    expect(a.lockOuts()).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        user: '7001',
        address: '192.0.2.1',
        failures: 10,
        until: expect.any(Number),
      },
    ])
    expect(replyOf(await answer(await challenge(), asUser)).status).toBe(403)
    expect(await a.lift('0'.repeat(32))).toBe(false)
    expect(await a.lift(lockOut?.id ?? '')).toBe(true)
    expect(a.lockOuts()).toEqual([])
    expect(await answer(await challenge(), asUser)).toEqual({ user: '7001' })
    // The other node counts from the store, which has forgotten.
    await answer(await challenge({}), { ...asUser, password: 'guess' }, {}, b)
    expect(b.lockOuts()).toEqual([])
  })
})
