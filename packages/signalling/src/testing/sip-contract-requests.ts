import { describe, expect, test } from 'vitest'
import { benchWithPeer, invite } from './sip-contract-calls.ts'
import type { OpenBench } from './sip-port.contract.ts'
import { type SipPortHarness, TestSipUser } from './sip-port-harness.ts'

/** Requests outside dialogs, both ways. */
export function requestsContract(open: OpenBench, harness: SipPortHarness): void {
  describe('requests of peers', () => {
    test('[SD-1] a MESSAGE reaches the user with its source, and the user’s answer the peer', async () => {
      const { user, peer } = await benchWithPeer(open)
      user.reply = async () => ({ status: 415, headers: [['Accept', 'text/plain']] })
      await peer.send('MESSAGE', { contentType: 'text/plain', body: 'grüß dich' })
      const answer = await peer.answer('MESSAGE')
      expect([answer.status, answer.header('accept')]).toEqual([415, 'text/plain'])
      expect(Buffer.from(user.requests[0]?.request.body ?? []).toString()).toBe('grüß dich')
      expect(user.requests[0]?.source.transport).toBe('udp')
    })

    test('[SD-1] a large MESSAGE comes in over TCP, and its answer goes back over the same connection', async () => {
      const user = new TestSipUser()
      const bench = await open({ user })
      const peer = await bench.peer('tcp')
      const body = 'ü'.repeat(5_000)
      await peer.send('MESSAGE', { contentType: 'text/plain', body })
      expect((await peer.answer('MESSAGE')).status).toBe(200)
      expect(Buffer.from(user.requests[0]?.request.body ?? []).toString()).toBe(body)
    })

    test('[SD-2] a user that rejects is answered for with 500', async () => {
      const { user, peer } = await benchWithPeer(open)
      user.reply = () => Promise.reject(new Error('broken'))
      await peer.send('MESSAGE')
      expect((await peer.answer('MESSAGE')).status).toBe(500)
    })

    test('[SD-1] OPTIONS and REGISTER are the user’s to answer, 405 too', async () => {
      const { user, peer } = await benchWithPeer(open)
      user.reply = async ({ request }) =>
        request.method === 'OPTIONS' ? { status: 200 } : { status: 405, headers: [['Allow', 'OPTIONS']] }
      await peer.send('OPTIONS')
      expect((await peer.answer('OPTIONS')).status).toBe(200)
      await peer.send('REGISTER')
      const answer = await peer.answer('REGISTER')
      expect([answer.status, answer.header('allow')]).toEqual([405, 'OPTIONS'])
    })

    test('[SD-22, SD-62] an unknown method is 501 with Allow; the user does not see it', async () => {
      const { user, bench, peer } = await benchWithPeer(open)
      await peer.send('DANCE')
      if (harness.deviations?.has('unknown methods are dropped')) {
        await bench.settle()
        expect([peer.left(), user.requests]).toEqual([[], []]) // SD-62
        return
      }
      const answer = await peer.answer('DANCE')
      expect(answer.status).toBe(501)
      expect(answer.header('allow')).toContain('INVITE')
      expect(user.requests).toEqual([])
    })

    test('[SD-22] Require of what we do not know is 420 with Unsupported', async () => {
      const { user, peer } = await benchWithPeer(open)
      await peer.send('MESSAGE', { headers: [['Require', 'nothingSIPrequires, timer']] })
      const answer = await peer.answer('MESSAGE')
      expect([answer.status, answer.header('unsupported')]).toEqual([420, 'nothingSIPrequires'])
      expect(user.requests).toEqual([])
    })

    test('[SD-22] no hop left is 483, for OPTIONS an answer', async () => {
      const { peer } = await benchWithPeer(open)
      await peer.send('MESSAGE', { maxForwards: 0 })
      expect((await peer.answer('MESSAGE')).status).toBe(483)
      await peer.send('OPTIONS', { maxForwards: 0 })
      expect((await peer.answer('OPTIONS')).status).toBe(200)
    })

    test('[SD-22] requests of no dialog we know are 481', async () => {
      const { peer } = await benchWithPeer(open)
      await peer.send('BYE', { to: '<sip:7001@example.com>;tag=unknown' })
      expect((await peer.answer('BYE')).status).toBe(481)
      await peer.send('BYE')
      expect((await peer.answer('BYE')).status).toBe(481)
      await peer.send('MESSAGE', { to: '<sip:7001@example.com>;tag=unknown' })
      expect((await peer.answer('MESSAGE')).status).toBe(481)
    })

    test('[SD-22] another scheme is 416, an offer that is no SDP 415 with Accept', async () => {
      const { user, peer } = await benchWithPeer(open)
      await peer.send('MESSAGE', { uri: 'unknown:7001@example.com' })
      expect((await peer.answer('MESSAGE')).status).toBe(416)
      await invite(peer, { contentType: 'application/x-offer', body: 'x' })
      const answer = await peer.answer('INVITE')
      expect([answer.status, answer.header('accept')]).toEqual([415, 'application/sdp'])
      expect(user.invites).toEqual([])
    })

    test('[SD-22] a request that comes a second way is 482', async () => {
      const { user, peer } = await benchWithPeer(open)
      const same = { from: '<sip:peer@example.net>;tag=one', callID: peer.token(), cseq: 7 }
      const answers = new Promise<void>((resolve) => {
        user.reply = async () => {
          resolve()
          return { status: 200 }
        }
      })
      await peer.send('MESSAGE', same)
      await answers
      await peer.send('MESSAGE', same)
      const statuses = [(await peer.answer('MESSAGE')).status, (await peer.answer('MESSAGE')).status]
      expect(statuses.toSorted()).toEqual([200, 482])
      expect(user.requests).toHaveLength(1)
    })
  })

  describe('requests of ours', () => {
    test('[SD-21] a MESSAGE goes out without Contact, and the answer comes back whole', async () => {
      const { port, peer } = await benchWithPeer(open)
      const sent = port.request({
        method: 'MESSAGE',
        to: { uri: peer.uri },
        from: '"Ann" <sip:7001@example.com>',
        callID: 'known-1',
        cseq: 9,
        headers: [['Subject', 'hello']],
        contentType: 'text/plain',
        body: Buffer.from('hi'),
      })
      const request = await peer.request('MESSAGE')
      expect(request.header('contact')).toBeUndefined()
      expect([request.uri, request.callID, request.cseq.number]).toEqual([peer.uri, 'known-1', 9])
      expect([request.header('subject'), request.contentType]).toEqual(['hello', 'text/plain'])
      expect(request.from.uri).toBe('sip:7001@example.com')
      expect(Buffer.from(request.body).toString()).toBe('hi')
      peer.reply(request, 503, { headers: [['Retry-After', '30']] })
      const answer = await sent
      expect([answer.status, answer.received, answer.header('retry-after')]).toEqual([503, true, '30'])
    })

    test('[SD-24] over 1300 bytes it goes over TCP to the same place', async () => {
      const user = new TestSipUser()
      const bench = await open({ user })
      const peer = await bench.peer('tcp')
      const to = { uri: peer.uri.replace(';transport=tcp', '') }
      const sent = bench.port.request({
        method: 'MESSAGE',
        to,
        from: 'sip:7001@example.com',
        contentType: 'text/plain',
        body: Buffer.alloc(2_000, 'x'),
      })
      const request = await peer.request('MESSAGE')
      expect(request.via.transport).toBe('TCP')
      expect(request.body).toHaveLength(2_000)
      peer.reply(request, 200)
      expect((await sent).status).toBe(200)
    })

    test('[SD-23, SD-61] a route leads the way, and the Request-URI stays what it was', async () => {
      const { port, peer } = await benchWithPeer(open)
      const route = [`<${peer.uri};lr>`, '<sip:second@203.0.113.5;lr>']
      const sent = port.request({
        method: 'OPTIONS',
        to: { uri: 'sip:far@203.0.113.9', route },
        from: 'sip:7001@example.com',
      })
      const request = await peer.request('OPTIONS')
      expect(request.uri).toBe('sip:far@203.0.113.9')
      // SD-61: elsewhere the place of the first one is all that is left of it.
      expect(request.headers('route')).toEqual(harness.deviations?.has('no route headers') ? [] : route)
      peer.reply(request, 200)
      expect((await sent).status).toBe(200)
    })

    if (harness.ownsDialogs)
      test('[SD-23] a flow leads back to who came over it; gone, the answer is 430', async () => {
        const user = new TestSipUser()
        const bench = await open({ user })
        const peer = await bench.peer('tcp')
        await peer.send('REGISTER')
        await peer.answer('REGISTER')
        const flow = user.requests[0]?.source.flow ?? ''
        expect(bench.port.hasFlow(flow)).toBe(true)
        const to = { uri: 'sip:peer@nowhere.invalid;transport=tcp', flow }
        const sent = bench.port.request({ method: 'MESSAGE', to, from: 'sip:7001@example.com' })
        peer.reply(await peer.request('MESSAGE'), 200)
        expect((await sent).status).toBe(200)

        const connection = await peer.flow()
        connection.close()
        await bench.settle()
        expect(bench.port.hasFlow(flow)).toBe(false)
        expect(user.closedFlows).toEqual([flow])
        const late = await bench.port.request({ method: 'MESSAGE', to, from: 'sip:7001@example.com' })
        expect([late.status, late.received]).toEqual([430, false])
      })

    if (!harness.ownsDialogs)
      test('[SD-60] connections are another server’s matter: none is named, and one that is named is 430', async () => {
        const user = new TestSipUser()
        const bench = await open({ user })
        const peer = await bench.peer('tcp')
        await peer.send('REGISTER')
        await peer.answer('REGISTER')
        expect(user.requests[0]?.source).toEqual({
          transport: 'tcp',
          address: '127.0.0.1',
          port: expect.any(Number),
          peerNames: [],
        })
        expect(bench.port.hasFlow('another')).toBe(false)
        const to = { uri: peer.uri, flow: 'another' }
        const answer = await bench.port.request({ method: 'MESSAGE', to, from: 'sip:7001@example.com' })
        expect([answer.status, answer.received]).toEqual([430, false])
      })

    test('[SD-23] where no way leads, the answer is 503 and our own', async () => {
      const { port } = await benchWithPeer(open)
      const answer = await port.request({
        method: 'OPTIONS',
        to: { uri: 'sip:nobody@nowhere.invalid' },
        from: 'sip:7001@example.com',
      })
      expect([answer.status, answer.received]).toEqual([503, false])
    })

    if (harness.clocked)
      test('[SD-23] where nothing answers, it is 408 and our own', async () => {
        const { port, bench, peer } = await benchWithPeer(open)
        const sent = port.request({ method: 'MESSAGE', to: { uri: peer.uri }, from: 'sip:7001@example.com' })
        await peer.request('MESSAGE')
        await bench.advance(33_000)
        const answer = await sent
        expect([answer.status, answer.received]).toEqual([408, false])
      })

    test('[SD-25] a challenge is answered with credentials, the better algorithm first; without them it is the answer', async () => {
      const { port, peer } = await benchWithPeer(open)
      const challenges = [
        ['WWW-Authenticate', 'Digest realm="r", nonce="n1", algorithm=MD5, qop="auth"'],
        ['WWW-Authenticate', 'Digest realm="r", nonce="n2", algorithm=SHA-256, qop="auth,auth-int", opaque="o"'],
      ] as const
      const message = { method: 'MESSAGE', to: { uri: peer.uri }, from: 'sip:7001@example.com' }
      const credentials = { user: '7001', password: 'secret' }
      const sent = port.request({ ...message, credentials })
      const first = await peer.request('MESSAGE')
      expect(first.header('authorization')).toBeUndefined()
      peer.reply(first, 401, { headers: challenges })
      const second = await peer.request('MESSAGE')
      expect([second.callID, second.from.tag, second.cseq.number]).toEqual([
        first.callID,
        first.from.tag,
        first.cseq.number + 1,
      ])
      expect(second.header('authorization')).toMatch(
        /^Digest username="7001", realm="r", nonce="n2", .*algorithm=SHA-256, opaque="o", qop=auth, nc=00000001, cnonce="/,
      )
      peer.reply(second, 401, { headers: challenges })
      expect((await sent).status).toBe(401)

      const plain = port.request(message)
      peer.reply(await peer.request('MESSAGE'), 407, { headers: challenges })
      expect((await plain).status).toBe(407)
    })
  })
}
