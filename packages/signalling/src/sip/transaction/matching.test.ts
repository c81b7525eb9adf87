import { describe, expect, test } from 'vitest'
import { FakeFlow, readResponse, requestBytes, responseBytes, testParts, testRequest } from '../../testing/index.ts'
import { requestSize } from './request-size.ts'
import { clientUser, world } from './testing/world.ts'

const cookie = 'z9hG4bK'

describe('matching requests to transactions', () => {
  test('[SX-17] branch, sent-by and method make a transaction; one that differs is another', () => {
    const { receive, requests } = world()
    const different = [
      { vias: [`SIP/2.0/UDP 192.0.2.2:5060;branch=${cookie}-1`] },
      { vias: [`SIP/2.0/UDP 192.0.2.2:5060;branch=${cookie}-2`] },
      { vias: [`SIP/2.0/UDP 192.0.2.2:5062;branch=${cookie}-1`] },
      { vias: [`SIP/2.0/UDP phone.example.net;branch=${cookie}-1`] },
      { vias: [`SIP/2.0/UDP 192.0.2.2:5060;branch=${cookie}-1`], method: 'OPTIONS' },
      { vias: [`SIP/2.0/UDP 192.0.2.2:5060;branch=${cookie}-1`], method: 'INVITE' },
    ]
    // With a To tag: nothing of this is merged.
    for (const text of different) receive({ ...text, to: '<sip:7001@example.com>;tag=1' })
    expect(requests).toHaveLength(different.length)
    for (const text of different) receive({ ...text, to: '<sip:7001@example.com>;tag=1' })
    expect(requests).toHaveLength(different.length)
  })

  test('[SX-17] a branch that is used again for another Call-ID, From tag or CSeq is another request', () => {
    const { receive, requests } = world()
    receive()
    receive({ callID: 'another' })
    receive({ cseq: 2 })
    receive({ from: '<sip:bob@example.net>;tag=another' })
    expect(requests).toHaveLength(4)
  })

  test('[SX-17] the host of the sent-by is compared without case, the other Vias are not looked at', () => {
    const { receive, requests } = world()
    receive({ vias: [`SIP/2.0/UDP Phone.Example.net;branch=${cookie}-1`, 'SIP/2.0/UDP a;branch=z9hG4bKa'] })
    receive({ vias: [`SIP/2.0/UDP phone.example.NET;branch=${cookie}-1`, 'SIP/2.0/UDP b;branch=z9hG4bKb'] })
    expect(requests).toHaveLength(1)
  })

  test.each([
    ['no branch', undefined],
    ['a branch without the cookie', ';branch=1'],
  ])('[SX-18] with %s, Request-URI, tags, Call-ID, CSeq and Via are compared', (_, branch = '') => {
    const { receive, requests, drops } = world()
    const first = { vias: [`SIP/2.0/UDP 192.0.2.2${branch}`], method: 'OPTIONS', to: '<sip:a@b>;tag=1' }
    const others = [
      { ...first, uri: 'sip:7002@example.com' },
      { ...first, to: '<sip:a@b>;tag=2' },
      { ...first, from: '<sip:bob@example.net>;tag=another' },
      { ...first, callID: 'another' },
      { ...first, cseq: 2 },
      { ...first, vias: ['SIP/2.0/UDP 192.0.2.3'] },
      { ...first, method: 'MESSAGE' },
    ]
    receive(first)
    for (const other of others) receive(other)
    expect(requests).toHaveLength(1 + others.length)
    receive(first)
    for (const other of others) receive(other)
    expect(requests).toHaveLength(1 + others.length)
    expect(drops).toHaveLength(1 + others.length)
  })

  test('[SX-18] the ACK of a sender of RFC 2543 belongs to its INVITE by the tag of our answer', () => {
    const { receive, requests, acks, sent, sentWithin } = world()
    const old = { vias: ['SIP/2.0/UDP 192.0.2.2'] }
    receive({ ...old, method: 'INVITE' })
    requests[0]?.respond({ status: 486 })
    receive({ ...old, method: 'ACK', to: '<sip:7001@example.com>;tag=another' })
    expect(acks).toHaveLength(1)
    receive({ ...old, method: 'ACK', to: `<sip:7001@example.com>;tag=${requests[0]?.toTag}` })
    expect(acks).toHaveLength(1)
    expect(sent()).toEqual(['486'])
    expect(sentWithin(10_000)).toEqual([])
  })

  test('[SX-18] so do the ACK of its re-INVITE, its ACK to a 2xx and its CANCEL', () => {
    const { receive, requests, acks, sent } = world()
    const old = { vias: ['SIP/2.0/UDP 192.0.2.2'], to: '<sip:7001@example.com>;tag=ours' }
    receive({ ...old, method: 'INVITE' })
    receive({ ...old, method: 'CANCEL' })
    requests[0]?.respond({ status: 487 })
    receive({ ...old, method: 'ACK' })
    expect(acks).toEqual([])
    receive({ ...old, method: 'INVITE', cseq: 2 })
    requests[1]?.respond({ status: 200 })
    receive({ ...old, method: 'ACK', cseq: 2 })
    expect(acks).toHaveLength(1)
    expect(sent()).toEqual(['200', '487', '200'])
  })

  test('[SX-19] the same request over another way gets 482, which is kept like any answer', () => {
    const { receive, requests, sent, drops } = world()
    for (const method of ['INVITE', 'MESSAGE']) {
      receive({ method, branch: `${cookie}-${method}-1` })
      receive({ method, branch: `${cookie}-${method}-2` })
      receive({ method, branch: `${cookie}-${method}-2` })
    }
    expect(requests.map(({ request }) => request.method)).toEqual(['INVITE', 'MESSAGE'])
    expect(sent()).toEqual(['482', '482', '482', '482'])
    expect(drops.filter((why) => why === 'merged')).toHaveLength(2)
  })

  test('[SX-19] beyond eight ways a request gets 482 without a transaction, in a dialog too', () => {
    const { receive, requests, layer, sent } = world()
    for (let way = 0; way < 20; way++) receive({ branch: `${cookie}-${way}`, to: '<sip:7001@example.com>;tag=dialog' })
    expect(requests).toHaveLength(8)
    expect(layer.counts.server).toBe(8)
    expect(sent()).toEqual(Array.from({ length: 12 }, () => '482'))
  })

  test('[SX-19] transactions of one request come and go in any order', () => {
    const { receive, requests, layer, clock } = world()
    for (let way = 0; way < 4; way++) receive({ branch: `${cookie}-${way}`, to: '<sip:7001@example.com>;tag=dialog' })
    for (const [at, answered] of [2, 0, 3, 1].entries()) {
      requests[answered]?.respond({ status: 200 })
      clock.advance(100)
      expect(layer.counts.server).toBe(4)
      receive({ branch: `${cookie}-${at}`, to: '<sip:7001@example.com>;tag=dialog' })
    }
    expect(requests).toHaveLength(4)
    for (const left of [3, 2, 1, 0]) {
      clock.advance(left === 3 ? 31_600 : 100)
      expect(layer.counts.server).toBe(left)
    }
    expect(clock.pending).toBe(0)
  })

  test('[SX-19] neither a request with a To tag, nor another CSeq or From tag, nor one after the transaction is merged', () => {
    const { receive, requests, clock } = world()
    receive({ branch: `${cookie}-1` })
    receive({ branch: `${cookie}-2`, to: '<sip:7001@example.com>;tag=dialog' })
    receive({ branch: `${cookie}-3`, cseq: 2 })
    receive({ branch: `${cookie}-4`, from: '<sip:bob@example.net>;tag=another' })
    for (const request of requests) request.respond({ status: 200 })
    clock.advance(32_050)
    receive({ branch: `${cookie}-5` })
    expect(requests).toHaveLength(5)
  })
})

describe('matching responses to transactions', () => {
  test('[SX-20] branch and method of the CSeq make it; a response to no transaction is passed on as such', () => {
    const { layer, flow, sentRequest, strays } = world()
    const user = clientUser()
    layer.request(testParts('OPTIONS'), flow, user)
    const request = sentRequest()
    const text = Buffer.from(responseBytes(request, 200)).toString()
    flow.receive(Buffer.from(text.replace('CSeq: 1 OPTIONS', 'CSeq: 1 MESSAGE')))
    flow.receive(Buffer.from(text.replace('branch=z9hG4bK', 'branch=z9hG4bKx')))
    flow.receive(Buffer.from(text.replace(/;branch=[^;\r]*/, '')))
    expect(user.told).toEqual([])
    expect(strays).toHaveLength(3)
    flow.receive(Buffer.from(text))
    expect(user.told).toEqual([200])
  })

  test('[SX-20] a response whose topmost Via names somebody else is dropped', () => {
    const { layer, flow, sentRequest, strays, drops } = world()
    const user = clientUser()
    layer.request(testParts('OPTIONS'), flow, user)
    const text = Buffer.from(responseBytes(sentRequest(), 200)).toString()
    for (const other of ['192.0.2.9:5060', '192.0.2.1:5070', '192.0.2.1', '[2001:db8::1]:5060'])
      flow.receive(Buffer.from(text.replace('192.0.2.1:5060', other)))
    expect(user.told).toEqual([])
    expect(strays).toEqual([])
    expect(drops).toEqual(['foreign', 'foreign', 'foreign', 'foreign'])
  })

  test('[SX-20] our own Via is known in any case, without a port, and over IPv6', () => {
    for (const sentBy of ['[2001:db8::1]:5060', 'Edge.Example.com', 'df7jal23ls0d.invalid']) {
      const flow = new FakeFlow('udp')
      Object.assign(flow, { sentBy })
      const { layer, sentRequest, answer } = world({ flow })
      const user = clientUser()
      layer.request(testParts('OPTIONS'), flow, user)
      answer(sentRequest(), 200)
      expect(user.told).toEqual([200])
    }
  })
})

describe('what goes out', () => {
  test('[SX-21] a request gets one Via with a fresh branch, Max-Forwards and Content-Length', () => {
    const { layer, flow, sentRequest } = world()
    const branches = new Set<string>()
    for (let count = 0; count < 10; count++) {
      const { branch } = layer.request(testParts('MESSAGE', { body: Buffer.from('grüß') }), flow, clientUser())
      const request = sentRequest()
      expect(request.headers('via')).toEqual([`SIP/2.0/UDP 192.0.2.1:5060;branch=${branch};rport`])
      expect(request.header('max-forwards')).toBe('70')
      expect(request.header('content-length')).toBe('6')
      branches.add(branch)
    }
    expect(branches.size).toBe(10)
    for (const branch of branches) expect(branch.startsWith(cookie)).toBe(true)
  })

  test('[SX-21] a Max-Forwards of the user’s stays; over a connection no rport is asked for', () => {
    const flow = new FakeFlow('wss')
    const { layer, sentRequest } = world({ flow })
    layer.request(testParts('MESSAGE', { headers: [['Max-Forwards', '7']] }), flow, clientUser())
    const request = sentRequest()
    expect(request.headers('max-forwards')).toEqual(['7'])
    expect(request.header('via')).toMatch(/^SIP\/2\.0\/WSS 192\.0\.2\.1:5060;branch=[^;]+$/)
  })

  test('[SX-21] an ACK to a 2xx is sent without a transaction, under a branch of its own', () => {
    const { layer, flow, sentRequest, clock } = world()
    layer.sendStateless(testParts('ACK'), flow)
    expect(sentRequest().via.branch?.startsWith(cookie)).toBe(true)
    expect(layer.counts).toEqual({ server: 0, client: 0 })
    expect(clock.pending).toBe(0)
    for (const method of ['ACK', 'CANCEL'])
      expect(() => layer.request(testParts(method), flow, clientUser())).toThrow('no request of its own')
  })

  test('[SX-21] requestSize says how long a request will be at most, and is not far off', () => {
    const { layer, flow } = world()
    const parts = testParts('MESSAGE', { body: Buffer.from('x'.repeat(1_000)), headers: [['Subject', 'grüß']] })
    layer.request(parts, flow, clientUser())
    const size = flow.sent[0]?.length ?? 0
    expect(requestSize(parts, flow.sentBy)).toBeGreaterThanOrEqual(size)
    expect(requestSize(parts, flow.sentBy)).toBeLessThan(size + 30)
  })

  test('[SX-22] an answer says where the request came from: rport where it was asked for, received where it helps', () => {
    const { flow, requests } = world()
    const vias: [via: string, answered: string][] = [
      ['SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK1', 'SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK1'],
      ['SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2', 'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2;received=192.0.2.2'],
      ['SIP/2.0/UDP phone.example;branch=z9hG4bK3', 'SIP/2.0/UDP phone.example;branch=z9hG4bK3;received=192.0.2.2'],
      [
        'SIP/2.0/UDP 192.0.2.2;rport;branch=z9hG4bK4',
        'SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK4;received=192.0.2.2;rport=5060',
      ],
      [
        'SIP/2.0/UDP 10.0.0.1;received=203.0.113.9;rport;branch=z9hG4bK5',
        'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK5;received=192.0.2.2;rport=5060',
      ],
    ]
    vias.forEach(([via, answered], at) => {
      flow.receive(requestBytes({ vias: [via, 'SIP/2.0/UDP b.example;branch=z9hG4bKb'], callID: `call-${at}` }))
      requests[at]?.respond({ status: 200 })
      const response = readResponse(flow.take()[0] ?? '')
      expect(response.headers('via')).toEqual([answered, 'SIP/2.0/UDP b.example;branch=z9hG4bKb'])
    })
  })

  test('[SX-22] every final answer of a transaction has the same To tag, which is the request’s where it has one', () => {
    const { receive, requests, flow } = world()
    receive({ method: 'INVITE' })
    requests[0]?.respond({ status: 180 })
    requests[0]?.respond({ status: 486 })
    const tags = flow.take().map((text) => readResponse(text).to.tag)
    expect(tags).toEqual([requests[0]?.toTag, requests[0]?.toTag])
    receive({ branch: 'z9hG4bK-2', to: '<sip:7001@example.com>;tag=dialog' })
    expect(requests[1]?.toTag).toBe('dialog')
    requests[1]?.respond({ status: 200 })
    expect(readResponse(flow.take()[0] ?? '').to.tag).toBe('dialog')
  })
})

describe('limits', () => {
  test('[SX-23] beyond the limit a request gets 503 with Retry-After, the same one when it is repeated; repetitions and CANCEL are served', () => {
    const { receive, requests, flow, drops, sent, layer } = world({ limits: { server: 2, retryAfterS: 7 } })
    receive({ method: 'INVITE', callID: 'a' })
    receive({ branch: 'z9hG4bK-b', callID: 'b' })
    receive({ branch: 'z9hG4bK-c', callID: 'c' })
    const [refusal] = flow.take()
    const response = readResponse(refusal ?? '')
    expect(response.status).toBe(503)
    expect(response.header('retry-after')).toBe('7')
    expect(response.to.tag).toBeDefined()
    receive({ branch: 'z9hG4bK-c', callID: 'c' })
    expect(flow.take()).toEqual([refusal])
    receive({ method: 'INVITE', branch: 'z9hG4bK-d', callID: 'd' })
    expect(sent()).toEqual(['503'])
    expect(requests).toHaveLength(2)
    expect(drops).toEqual(['overload', 'overload', 'overload'])

    receive({ method: 'CANCEL', callID: 'a' })
    expect(sent()).toEqual(['200'])
    requests[1]?.respond({ status: 200 })
    receive({ branch: 'z9hG4bK-c', callID: 'c' })
    expect(requests).toHaveLength(3)
    expect(layer.counts.server).toBe(4)
  })

  test('[SX-23] answers are kept for so many requests; the oldest goes first', () => {
    const { receive, requests, layer, clock, isEmpty } = world({ limits: { answeredBytes: 1_500 } })
    for (let count = 0; count < 10; count++) {
      receive({ branch: `${cookie}-${count}`, callID: `call-${count}`, method: count % 2 ? 'MESSAGE' : 'INVITE' })
      requests[count]?.respond({ status: 200 })
    }
    expect(layer.counts.server).toBe(3)
    receive({ branch: `${cookie}-9`, callID: 'call-9' })
    expect(requests).toHaveLength(10)
    receive({ branch: `${cookie}-5`, callID: 'call-5' })
    expect(requests).toHaveLength(11)
    requests[10]?.respond({ status: 200 })
    clock.advance(33_000)
    expect(isEmpty()).toBe(true)
  })

  test('[SX-23] a request of ours beyond the limit fails at once; answered ones do not count', () => {
    const { layer, flow, clock, answer } = world({ limits: { client: 1 } })
    const users = [clientUser(), clientUser(), clientUser()] as const
    layer.request(testParts('MESSAGE'), flow, users[0])
    layer.request(testParts('INVITE'), flow, users[1])
    const [first, ...others] = flow.take()
    expect(others).toEqual([])
    clock.advance(50)
    expect(users[1].told).toEqual(['transport'])
    answer(testRequest({ vias: [/Via: (.*)\r\n/.exec(first ?? '')?.[1] ?? ''] }), 200)
    layer.request(testParts('MESSAGE'), flow, users[2])
    clock.advance(100)
    expect(flow.take()).toHaveLength(1)
    expect(users[2].told).toEqual([])
  })

  test('[SX-23] nothing is left after close', () => {
    const { layer, flow, receive, requests, clock, sent } = world()
    receive()
    receive({ method: 'INVITE', callID: 'b' })
    layer.request(testParts('MESSAGE'), flow, clientUser())
    sent()
    layer.close()
    expect(layer.counts).toEqual({ server: 0, client: 0 })
    expect(clock.pending).toBe(0)
    for (const request of requests) request.respond({ status: 200 })
    flow.close()
    expect(sent()).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
