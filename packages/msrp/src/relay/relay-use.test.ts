import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type Bench, bench, header, type PeerEnd } from '../testing/bench.ts'
import type { Frame } from '../testing/frames.ts'
import { settled } from '../testing/manual-clock.ts'
import { isProven, parseChallenge, prove } from './digest.ts'
import { RelayUse } from './relay-use.ts'

const relayUri = 'msrps://ann@relay.example:2855;tcp'
const from = 'msrp://us.example:2855/ours;tcp'
const usePath = 'msrps://relay.example:2855/token;tcp'
const challenge = 'WWW-Authenticate: Digest realm="r", nonce="n1", qop="auth", opaque="o"'
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

/** The use of a relay that is the test. */
function given(made: Bench = bench()) {
  const relay = made.connection()
  const ends: string[] = []
  let count = 0
  const use = new RelayUse({
    connection: relay.connection,
    relayUri,
    credentials: { user: 'ann', password: 'secret' },
    from,
    clock: made.clock,
    random: (bytes) => new Uint8Array(bytes).fill(++count),
    onEnd: (why) => ends.push(why),
  })
  return { ...made, relay, use, ends }
}

async function asked(relay: PeerEnd): Promise<Frame> {
  const [frame] = await relay.written()
  if (!frame) throw new Error('nothing was asked')
  return frame
}

function answer(relay: PeerEnd, { head }: Frame, status: string, ...headers: string[]) {
  const paths = `To-Path: ${head.fromPath}\r\nFrom-Path: ${head.toPath}\r\n`
  relay.receive(
    `MSRP ${head.tid} ${status}\r\n${paths}${headers.map((line) => `${line}\r\n`).join('')}-------${head.tid}$\r\n`,
  )
}

/** The parameters of Authorization. */
const sent = (frame: Frame) =>
  new Map(
    [...(header(frame, 'authorization') ?? '').matchAll(/(\w+)="?([^",]+)"?/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )

/** What a relay that knows the password proves. */
const proofOf = (frame: Frame) => {
  const [nonce, cnonce] = [sent(frame).get('nonce'), sent(frame).get('cnonce')]
  const rspauth = md5(`${md5('ann:r:secret')}:${nonce}:00000001:${cnonce}:auth:${md5(`:${relayUri}`)}`)
  return `Authentication-Info: qop=auth, nc=00000001, cnonce="${cnonce}", rspauth="${rspauth}"`
}

async function authorised(made: ReturnType<typeof given>, expires = 100) {
  const opened = made.use.open()
  answer(made.relay, await asked(made.relay), '401 Who?', challenge)
  const second = await asked(made.relay)
  answer(made.relay, second, '200 OK', `Use-Path: ${usePath}`, `Expires: ${expires}`, proofOf(second))
  return opened
}

describe('a relay', () => {
  test('[MS-73] is asked by AUTH, and gives a path to who proves the password', async () => {
    const { use, relay } = given()
    const opened = use.open()
    const first = await asked(relay)
    expect(first.head).toMatchObject({ method: 'AUTH', toPath: relayUri, fromPath: from, hasBody: false })
    expect(header(first, 'authorization')).toBeUndefined()
    answer(relay, first, '401 Who?', challenge)

    const second = await asked(relay)
    const parameters = sent(second)
    const { cnonce } = Object.fromEntries(parameters)
    expect(parameters.get('response')).toBe(
      md5(`${md5('ann:r:secret')}:n1:00000001:${cnonce}:auth:${md5(`AUTH:${relayUri}`)}`),
    )
    expect(Object.fromEntries(parameters)).toMatchObject({
      username: 'ann',
      realm: 'r',
      uri: relayUri,
      opaque: 'o',
      qop: 'auth',
      nc: '00000001',
    })
    expect(header(second, 'authorization')).toContain('qop=auth,') // without quotes here
    answer(relay, second, '200 OK', `Use-Path: ${usePath}`, 'Expires: 100', proofOf(second))
    expect(await opened).toEqual([usePath])
  })

  test('[MS-74] that does not prove that it knows the password is not used', async () => {
    const { use, relay } = given()
    const opened = use.open()
    answer(relay, await asked(relay), '401 Who?', challenge)
    answer(relay, await asked(relay), '200 OK', `Use-Path: ${usePath}`, 'Authentication-Info: qop=auth, rspauth="0"')
    await expect(opened).rejects.toThrow('does not know the password')
  })

  test('[MS-75] that wants another time is asked with that one', async () => {
    const { use, relay } = given()
    const opened = use.open()
    const first = await asked(relay)
    expect(header(first, 'expires')).toBeUndefined()
    answer(relay, first, '423 Bounds', 'Min-Expires: 60')
    const second = await asked(relay)
    expect(header(second, 'expires')).toBe('60')
    answer(relay, second, '200 OK', `Use-Path: ${usePath}`, 'Expires: 60')
    expect(await opened).toEqual([usePath])
  })

  test('[MS-76] is asked again before what it gave expires', async () => {
    const made = given()
    await authorised(made, 100)
    await made.clock.advance(79_000)
    expect(await made.relay.told()).toEqual([])
    await made.clock.advance(1_000)
    answer(made.relay, await asked(made.relay), '401 Who?', challenge.replace('n1', 'n2'))
    const renewal = await asked(made.relay)
    expect(sent(renewal).get('nonce')).toBe('n2')
    answer(made.relay, renewal, '200 OK', `Use-Path: ${usePath}`, 'Expires: 50', proofOf(renewal))
    await settled()
    await made.clock.advance(40_000)
    expect(await made.relay.told()).toEqual(['AUTH $'])
    expect(made.ends).toEqual([])
  })

  test.each([
    ['gives another path', ['200 OK', 'Use-Path: msrps://relay.example:2855/other;tcp'], 'the relay gave another path'],
    ['refuses', ['403 No'], 'the relay answered 403'],
  ])('[MS-76] that %s then ends the session', async (_what, [status = '', ...headers], why) => {
    const made = given()
    await authorised(made)
    await made.clock.advance(80_000)
    answer(made.relay, await asked(made.relay), status, ...headers)
    await settled()
    expect(made.ends).toEqual([why])
  })

  test.each([
    ['a second challenge', [['401 No', challenge]], 'refuses the password'],
    ['a challenge without qop', [['401 No', 'WWW-Authenticate: Digest realm="r", nonce="n"']], 'cannot prove'],
    ['auth-int alone', [['401 No', 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth-int"']], 'cannot prove'],
    ['MD5-sess', [['401 No', `${challenge}, algorithm=MD5-sess`]], 'cannot prove'],
    ['Basic', [['401 No', 'WWW-Authenticate: Basic realm="r"']], 'cannot prove'],
    ['403', [['403 No']], 'answered 403'],
    ['no path', [['200 OK']], 'no path'],
    ['a path that is none', [['200 OK', 'Use-Path: sip:x']], 'no path'],
    ['423 without a time', [['423 No']], 'no time'],
    ['423 for ever', Array.from({ length: 4 }, () => ['423 No', 'Min-Expires: 60']), 'again and again'],
    ['stale for ever', Array.from({ length: 4 }, () => ['401 No', `${challenge}, stale=true`]), 'again and again'],
  ])('[MS-74] that answers with %s is not used', async (_what, answers, why) => {
    const { use, relay } = given()
    const opened = use.open()
    const outcome = expect(opened).rejects.toThrow(why)
    for (const [status = '', ...headers] of answers.length === 1 && why.startsWith('refuses')
      ? [...answers, ...answers]
      : answers)
      answer(relay, await asked(relay), status, ...headers)
    await outcome
    expect(await relay.told()).toEqual([])
  })

  test('[MS-74] that says nothing for 30 s, or goes away, is not used', async () => {
    const silent = given()
    const one = expect(silent.use.open()).rejects.toThrow('does not answer')
    await silent.clock.advance(30_000)
    await one
    const gone = given()
    const two = expect(gone.use.open()).rejects.toThrow('gone: reset')
    await settled()
    gone.relay.connection.onClosed('reset')
    await two
  })
})

describe('digest', () => {
  test('[MS-73] is the example of RFC 2617 §3.5, for AUTH and with SHA-256', () => {
    const read = parseChallenge(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    )
    expect(read).toMatchObject({ realm: 'testrealm@host.com', algorithm: 'MD5', stale: false })
    const credentials = { user: 'Mufasa', password: 'Circle Of Life' }
    const proof = read && prove(read, credentials, '/dir/index.html', '0a4f113b')
    const secret = '939e7578ed9e3c518a452acee763bce9' // of RFC 2617 §3.5
    const ha2 = md5('AUTH:/dir/index.html')
    expect(proof?.authorization).toContain(
      `response="${md5(`${secret}:${read?.nonce}:00000001:0a4f113b:auth:${ha2}`)}"`,
    )
    const sha = read && prove({ ...read, algorithm: 'SHA-256' }, credentials, '/', 'c')
    expect(sha?.authorization).toMatch(/response="[0-9a-f]{64}", algorithm=SHA-256/)
  })

  test('[MS-73] quotes what it has to, and takes a challenge apart only as a whole', () => {
    const read = parseChallenge('digest Realm="a \\"b\\"", NONCE=n, qop=auth, x="y"')
    expect(read).toMatchObject({ realm: 'a "b"', nonce: 'n' })
    expect(read && prove(read, { user: 'x"y', password: 'p' }, 'u', 'c').authorization).toContain(
      'username="x\\"y", realm="a \\"b\\""',
    )
    for (const none of [
      '',
      'Digest',
      'Digest realm="r',
      'Digest realm="r" nonce="n"',
      'Digest realm="r", realm="r", nonce="n", qop="auth"',
    ])
      expect(parseChallenge(none)).toBeUndefined()
  })

  test('[MS-74] a proof is of the same cnonce', () => {
    const proof = { authorization: '', cnonce: 'c', rspauth: 'ab' }
    expect(isProven('rspauth="AB", cnonce="c"', proof)).toBe(true)
    expect(isProven('rspauth="ab", cnonce="d"', proof)).toBe(false)
    expect(isProven('rspauth="', proof)).toBe(false)
  })
})
