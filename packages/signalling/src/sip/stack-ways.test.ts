import { afterEach, describe, expect, test } from 'vitest'
import { type MemoryBench, MemoryBenches } from '../testing/memory-bench.ts'
import { PeerDialog, type RawPeer } from '../testing/raw-peer.ts'
import { invite, invited, ourInvite } from '../testing/sip-contract-calls.ts'
import { TestDialogUser, TestSipUser } from '../testing/sip-port-harness.ts'
import type { SipStackOptions } from './stack.ts'
import type { Target } from './transport/flow.ts'

const benches = new MemoryBenches()
const opened: MemoryBench[] = []
afterEach(async () => {
  for (const bench of opened.splice(0)) await bench.close()
  benches.network.passing = undefined
})

async function open(options: Partial<SipStackOptions> = {}) {
  const user = new TestSipUser()
  const bench = await benches.open({ user, ...options })
  opened.push(bench)
  return { user, bench, port: bench.port }
}

const targetOf = (peer: RawPeer, transport: Target['transport'] = 'udp'): Target => {
  const [, address = ''] = /@([\d.]+):/.exec(peer.uri) ?? []
  return { transport, address, port: 5060 }
}
const nowhere: Target = { transport: 'tcp', address: '203.0.113.1', port: 5060 }
const message = (uri: string) => ({ method: 'MESSAGE', to: { uri }, from: 'sip:7001@example.com' })
const options = (uri: string) => ({ method: 'OPTIONS', to: { uri }, from: 'sip:7001@example.com' })

describe('the way of a request', () => {
  test('[SD-23] after a 503, and where no connection stands, the next server is tried with the same Call-ID', async () => {
    const { bench, port } = await open()
    const [first, second] = [await bench.peer('udp'), await bench.peer('udp')]
    benches.network.names.set('two.example', [nowhere, targetOf(first), targetOf(second)])
    const sent = port.request(message('sip:bob@two.example'))
    const tried = await first.request('MESSAGE')
    first.reply(tried, 503)
    const again = await second.request('MESSAGE')
    expect([again.callID, again.cseq.number]).toEqual([tried.callID, tried.cseq.number])
    expect(again.via.branch).not.toBe(tried.via.branch)
    second.reply(again, 200)
    expect((await sent).status).toBe(200)
  })

  test('[SD-23] the 503 of the last server is the answer, with its Retry-After', async () => {
    const { bench, port } = await open()
    const peer = await bench.peer('udp')
    benches.network.names.set('busy.example', [targetOf(peer), nowhere])
    const sent = port.request(message('sip:bob@busy.example'))
    peer.reply(await peer.request('MESSAGE'), 503, { headers: [['Retry-After', '7']] })
    const answer = await sent
    expect([answer.status, answer.received, answer.header('retry-after')]).toEqual([503, true, '7'])
  })

  test('[SD-23] after a timeout the next server is tried, for INVITEs without a provisional answer too', async () => {
    const { bench, port } = await open()
    const [silent, second] = [await bench.peer('udp'), await bench.peer('udp')]
    benches.network.names.set('silent.example', [targetOf(silent), targetOf(second)])
    const outgoing = port.invite({ ...ourInvite(second), to: { uri: 'sip:bob@silent.example' } })
    await bench.advance(33_000)
    second.reply(await second.request('INVITE'), 486)
    expect(await outgoing.answered).toMatchObject({ refused: { status: 486 } })
  })

  test('[SD-9] a server that is tried after the cancel would be one too many', async () => {
    const { bench, port } = await open()
    const [silent, second] = [await bench.peer('udp'), await bench.peer('udp')]
    benches.network.names.set('silent.example', [targetOf(silent), targetOf(second)])
    const outgoing = port.invite({ ...ourInvite(second), to: { uri: 'sip:bob@silent.example' } })
    await silent.request('INVITE')
    outgoing.cancel()
    await bench.advance(70_000)
    expect(await outgoing.answered).toMatchObject({ refused: { status: 487, received: false } })
    expect(second.left()).toEqual([])
  })

  test('[SD-24] where TCP is refused a long request goes over UDP, but a MESSAGE does not', async () => {
    const { bench, port } = await open()
    const peer = await bench.peer('udp')
    const long = { body: Buffer.alloc(3_000, 'x'), contentType: 'text/plain' }
    const sent = port.request({ ...options(peer.uri), ...long })
    const request = await peer.request('OPTIONS')
    expect([request.via.transport, request.body.length]).toEqual(['UDP', 3_000])
    peer.reply(request, 200)
    expect((await sent).status).toBe(200)
    const text = await port.request({ ...message(peer.uri), ...long })
    expect([text.status, text.received]).toEqual([513, false])
    const huge = await port.request({ ...options(peer.uri), ...long, body: Buffer.alloc(66_000, 'x') })
    expect([huge.status, huge.received]).toEqual([503, false])
  })

  test('[SD-21] what cannot be said is 400 and our own', async () => {
    const { port } = await open()
    for (const wrong of [{ from: 'nobody' }, { method: 'TWO WORDS' }, { to: { uri: 'no uri at all' } }]) {
      const answer = await port.request({ ...message('sip:bob@192.0.2.200'), ...wrong })
      expect([400, 503]).toContain(answer.status)
      expect(answer.received).toBe(false)
    }
    expect(await port.invite({ to: { uri: 'sip:a@b' }, from: '' }).answered).toMatchObject({ refused: { status: 400 } })
  })

  test('[SD-21] whoever waits for an answer gets one when the stack closes', async () => {
    const { user, bench, port } = await open()
    const peer = await bench.peer('udp')
    const sent = port.request(message(peer.uri))
    const outgoing = port.invite(ourInvite(peer))
    await peer.request('INVITE')
    await invite(peer)
    const accepting = (await invited(user, bench)).accept(Buffer.from('answer'))
    const failed = expect(accepting).rejects.toThrow('closes')
    await port.close()
    await failed
    expect((await sent).status).toBe(503)
    expect(await outgoing.answered).toMatchObject({ refused: { status: 503, received: false } })
    expect(benches.clock.pending).toBe(0)
  })
})

test('[SD-28] while dialogs are taken up, a request of none we know is to come again; then there is no such dialog', async () => {
  const user = Object.assign(new TestSipUser(), { settling: true })
  const bench = await benches.open({ user })
  opened.push(bench)
  const peer = await bench.peer('udp')
  const ask = async () => {
    await peer.send('BYE', { to: '<sip:7001@example.com>;tag=of-an-earlier-run' })
    return peer.answer('BYE')
  }
  const early = await ask()
  expect([early.status, early.header('retry-after')]).toEqual([503, '1'])
  user.settling = false
  expect((await ask()).status).toBe(481)
})

describe('a peer behind a connection', () => {
  test('[SD-23] a WebSocket client is reached over its own connection, and over its next one', async () => {
    const { user, bench } = await open()
    const peer = await bench.peer('ws')
    const contact = '<sip:abc@df7jal23ls0d.invalid;transport=ws>'
    await peer.send('INVITE', {
      contentType: 'application/sdp',
      body: 'offer',
      headers: [['Contact', contact]],
    })
    const accepting = (await invited(user, bench)).accept(Buffer.from('answer'))
    const answer = await peer.answer('INVITE')
    expect(answer.header('contact')).toContain(';transport=ws>')
    const theirs = PeerDialog.answered(peer, answer)
    await theirs.send('ACK')
    const { dialog } = await accepting
    dialog.user = new TestDialogUser()
    const states: unknown[] = []
    dialog.onState = (state) => states.push(state.flow)
    const before = dialog.state()?.flow

    const first = dialog.request('INFO')
    peer.reply(await peer.request('INFO'), 200)
    expect((await first).status).toBe(200)

    const flow = await peer.flow()
    flow.close()
    await bench.settle()
    expect((await dialog.request('INFO')).status).toBe(430)
    await theirs.send('INFO')
    expect((await peer.answer('INFO')).status).toBe(200)
    const again = dialog.request('INFO')
    peer.reply(await peer.request('INFO'), 200)
    expect((await again).status).toBe(200)
    expect(states).toEqual([dialog.state()?.flow])
    expect(states[0]).not.toBe(before)
  })
})

describe('a peer behind a NAT', () => {
  test('[SD-26] is reached where its requests come from, over UDP too', async () => {
    const { user, bench } = await open()
    const peer = await bench.peer('udp')
    await peer.send('INVITE', { headers: [['Contact', '<sip:me@10.0.0.9:5060>']] })
    const accepting = (await invited(user, bench)).accept(Buffer.from('answer'))
    const answer = await peer.answer('INVITE')
    await PeerDialog.answered(peer, answer).send('ACK')
    const { dialog } = await accepting
    void dialog.bye()
    const bye = await peer.request('BYE')
    expect(bye.uri).toBe('sip:me@10.0.0.9:5060')
    peer.reply(bye, 200)
  })

  test('[SD-26] so is one we call', async () => {
    const { bench, port } = await open()
    const peer = await bench.peer('udp')
    const outgoing = port.invite(ourInvite(peer))
    peer.reply(await peer.request('INVITE'), 200, { contact: 'sip:me@192.168.1.9:5060' })
    const answered = await outgoing.answered
    if ('refused' in answered) throw new Error('refused')
    expect((await peer.request('ACK')).uri).toBe('sip:me@192.168.1.9:5060')
    void answered.dialog.bye()
    peer.reply(await peer.request('BYE'), 200)
  })
})

describe('bounds', () => {
  test('[SD-22] one dialog too many is 503 with Retry-After, in both directions; ended ones make room', async () => {
    const { user, bench, port } = await open({ maxDialogs: 1 })
    const peer = await bench.peer('udp')
    await invite(peer)
    const invitation = await invited(user, bench)
    await invite(peer)
    const answer = await peer.answer('INVITE')
    expect([answer.status, answer.header('retry-after')]).toEqual([503, '5'])
    expect(await port.invite(ourInvite(peer)).answered).toMatchObject({ refused: { status: 503, received: false } })
    expect(port.counts.dialogs).toBe(1)
    invitation.reject({ status: 486 })
    await peer.answer('INVITE')
    expect(port.counts.dialogs).toBe(0)
    await invite(peer)
    await invited(user, bench)
  })

  test('[SD-10] more than 16 branches of one INVITE are not followed', async () => {
    const { bench, port } = await open()
    const peer = await bench.peer('udp')
    const outgoing = port.invite(ourInvite(peer))
    const request = await peer.request('INVITE')
    const reliable = [
      ['Require', '100rel'],
      ['RSeq', '1'],
    ] as const
    for (let fork = 0; fork < 20; fork++) peer.reply(request, 183, { tag: `t${fork}`, headers: reliable })
    await bench.settle()
    expect(peer.left()).toHaveLength(16)
    peer.reply(request, 200, { tag: 't3' })
    expect(await outgoing.answered).toHaveProperty('dialog')
  })

  test('[SD-7] an INVITE nobody answers ends after ten minutes, and rings every minute meanwhile', async () => {
    const { user, bench, port } = await open()
    const peer = await bench.peer('udp')
    await invite(peer)
    const invitation = await invited(user, bench)
    let cancelled = 0
    invitation.onCancel = () => cancelled++
    invitation.ring()
    await bench.advance(599_000)
    expect(peer.left()).toEqual(new Array(10).fill('180 INVITE'))
    await bench.advance(2_000)
    expect([(await peer.answer('INVITE')).status, cancelled, port.counts.dialogs]).toEqual([480, 1, 0])
  })

  test('[SD-13] an INVITE whose reliable 180 nobody acknowledges ends with 504', async () => {
    const { user, bench } = await open()
    const peer = await bench.peer('udp')
    await invite(peer, { headers: [['Require', '100rel']] })
    const invitation = await invited(user, bench)
    invitation.ring()
    await bench.advance(33_000)
    expect((await peer.answer('INVITE')).status).toBe(504)
  })

  test('[SD-12] nothing is left of a call whose peer hangs up before its ACK, or never sends one', async () => {
    const { user, bench, port } = await open()
    const peer = await bench.peer('udp')
    for (const hangsUp of [true, false]) {
      await invite(peer)
      const failed = expect((await invited(user, bench)).accept(Buffer.from('answer'))).rejects.toThrow()
      const theirs = PeerDialog.answered(peer, await peer.answer('INVITE'))
      if (hangsUp) await theirs.send('BYE')
      else await bench.advance(33_000)
      await failed
      if (!hangsUp) peer.reply(await peer.request('BYE'), 200)
      await bench.settle()
      expect(port.counts.dialogs).toBe(0)
      peer.left()
    }
  })

  test('[SD-6] headers of the user take the place of ours', async () => {
    const { user, bench, port } = await open()
    const peer = await bench.peer('udp')
    await invite(peer)
    void (await invited(user, bench)).accept(Buffer.from('answer'), [['Allow', 'INVITE, ACK']])
    const answer = await peer.answer('INVITE')
    expect([answer.headers('allow'), answer.headers('supported')]).toEqual([
      ['INVITE', 'ACK'],
      ['100rel', 'timer'],
    ])
    await PeerDialog.answered(peer, answer).send('ACK')
    port.invite({ ...ourInvite(peer), headers: [['allow', 'BYE']] })
    expect((await peer.request('INVITE')).headers('allow')).toEqual(['BYE'])
  })

  test('[SD-2] a user that throws at an INVITE is answered for with 500', async () => {
    const { user, bench } = await open()
    user.onEachInvite = () => {
      throw new Error('broken')
    }
    const peer = await bench.peer('udp')
    await invite(peer)
    expect((await peer.answer('INVITE')).status).toBe(500)
    expect(bench.errors).toHaveLength(1)
  })

  test('[SD-2] a user whose reply cannot stand in a message, or who throws at a call, harms nobody else', async () => {
    const { user, bench, port } = await open()
    const peer = await bench.peer('udp')
    user.reply = async () => ({ status: 200, headers: [['no token', 'x']] })
    await peer.send('MESSAGE')
    expect((await peer.answer('MESSAGE')).status).toBe(500)
    const outgoing = port.invite(ourInvite(peer))
    outgoing.onProgress = () => {
      throw new Error('broken')
    }
    const request = await peer.request('INVITE')
    peer.reply(request, 180)
    peer.reply(request, 486)
    expect(await outgoing.answered).toMatchObject({ refused: { status: 486 } })
    expect(bench.errors).toHaveLength(2)
  })

  test('[SD-15] sixteen requests wait for a dialog’s user, one more is to come again', async () => {
    const { user, bench } = await open()
    const peer = await bench.peer('udp')
    await invite(peer)
    const accepting = (await invited(user, bench)).accept(Buffer.from('answer'))
    const theirs = PeerDialog.answered(peer, await peer.answer('INVITE'))
    await theirs.send('ACK')
    const { dialog } = await accepting
    for (let i = 0; i < 17; i++) await theirs.send('INFO')
    const refused = await peer.answer('INFO')
    expect([refused.status, refused.header('retry-after')]).toEqual([500, '5'])
    dialog.user = new TestDialogUser()
    await bench.settle()
    expect(peer.left()).toEqual(new Array(16).fill('200 INFO'))
  })
})
