import { afterEach, describe, expect, test } from 'vitest'
import { TestSipUser } from '../testing/sip-port-harness.ts'
import { peerOf, stackWith } from './testing/bench.ts'
import { DrachtioStandIn } from './testing/stand-in.ts'

const secret = 'for tests'
const text = 'grüß dich 👩‍👩‍👧 – \u{1f600}\r\n\r\n#12#|‮ 漢字'
const from = '<sip:7001@example.com>'

describe('bytes on their way through a drachtio-server', () => {
  const open: { close(): Promise<void> }[] = []
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close()
  })

  async function bench() {
    const standIn = await DrachtioStandIn.open({ secret })
    open.push(standIn)
    const user = new TestSipUser()
    const stack = await stackWith({ host: '127.0.0.1', port: standIn.port, secret }, user)
    open.push(stack)
    const peer = await peerOf(stack.listening, 'tcp')
    open.push(peer)
    return { user, stack, peer, standIn }
  }

  test('[SD-66] texts of a peer, and the answer’s body and headers', async () => {
    const { user, peer } = await bench()
    user.reply = async () => ({
      status: 488,
      reason: 'Grüße',
      headers: [
        ['Content-Type', 'text/plain'],
        ['X-Said', 'schön 👍'],
      ],
      body: Buffer.from(text),
    })
    await peer.send('MESSAGE', { contentType: 'text/plain', body: text, headers: [['Subject', 'schön 👍']] })
    const answer = await peer.answer('MESSAGE')
    expect(Buffer.from(answer.body).toString()).toBe(text)
    expect([answer.reason, answer.header('x-said')]).toEqual(['Grüße', 'schön 👍'])
    const [got] = user.requests
    expect(Buffer.from(got?.request.body ?? []).equals(Buffer.from(text))).toBe(true)
    expect(got?.request.header('subject')).toBe('schön 👍')
  })

  test('[SD-66] texts of ours, and the body of the answer', async () => {
    const { stack, peer } = await bench()
    const body = Buffer.from(text)
    const to = { uri: peer.uri }
    const sent = stack.request({ method: 'MESSAGE', to, from, contentType: 'text/plain', body })
    const request = await peer.request('MESSAGE')
    expect(Buffer.from(request.body).equals(body)).toBe(true)
    peer.reply(request, 200, { body: text })
    expect(Buffer.from((await sent).body).equals(body)).toBe(true)
  })

  test('[SD-66] headers of one name stay lines of their own, and none begins another', async () => {
    const { user, peer } = await bench()
    user.reply = async () => ({
      status: 401,
      headers: [
        ['WWW-Authenticate', 'Digest realm="r", nonce="1", algorithm=SHA-256'],
        ['WWW-Authenticate', 'Digest realm="r", nonce="1", algorithm=MD5'],
        ['X-Said', 'one\r\nInjected: two'],
      ],
    })
    await peer.send('REGISTER')
    const answer = await peer.answer('REGISTER')
    expect(answer.headers('www-authenticate')).toEqual([
      'Digest realm="r", nonce="1", algorithm=SHA-256',
      'Digest realm="r", nonce="1", algorithm=MD5',
    ])
    expect([answer.header('injected'), answer.header('x-said')]).toEqual([undefined, 'one  Injected: two'])
  })

  test('[SD-66] what the server cannot carry is refused here', async () => {
    const { user, stack, peer, standIn } = await bench()
    const ask = (body: Uint8Array, headers: readonly (readonly [string, string])[] = []) =>
      stack.request({ method: 'MESSAGE', to: { uri: peer.uri }, from, contentType: 'text/plain', body, headers })
    const statuses = []
    for (const body of [Buffer.from([0x80]), Buffer.from('a\0b')]) statuses.push((await ask(body)).status)
    statuses.push((await ask(Buffer.alloc(2_801, 'x'))).status)
    statuses.push((await ask(Buffer.from('x'), [['X-Long', 'y'.repeat(4_000)]])).status)
    expect(statuses).toEqual([400, 400, 513, 400])
    user.reply = async () => ({ status: 200, headers: [['X-Long', 'y'.repeat(4_000)]] })
    await peer.send('OPTIONS')
    expect((await peer.answer('OPTIONS')).status).toBe(500)
    expect(standIn.clients).toHaveLength(1)
  })

  test('[SD-66] a status the library has never heard of is the first of its class', async () => {
    const { user, peer } = await bench()
    user.reply = async () => ({ status: 425, reason: 'Bad Alert Message' })
    await peer.send('MESSAGE')
    const answer = await peer.answer('MESSAGE')
    expect([answer.status, answer.reason]).toEqual([400, 'Bad Alert Message'])
  })

  test('[SD-65] an answer the server has made itself is ours', async () => {
    const { stack } = await bench()
    const answer = await stack.request({ method: 'OPTIONS', to: { uri: 'sip:nobody@nowhere.invalid' }, from })
    expect([answer.status, answer.received]).toEqual([503, false])
  })
})
