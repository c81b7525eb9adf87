import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { PeerDialog, type RawPeer } from '../testing/raw-peer.ts'
import { TestDialogUser, TestSipUser } from '../testing/sip-port-harness.ts'
import type { DrachtioStack } from './drachtio-stack.ts'
import { peerOf, settled, stackWith, until } from './testing/bench.ts'
import { DrachtioStandIn } from './testing/stand-in.ts'

const secret = 'for tests'
const message = (peer: RawPeer) => ({
  method: 'MESSAGE',
  to: { uri: peer.uri },
  from: '<sip:7001@example.com>',
  contentType: 'text/plain',
  body: Buffer.from('hi'),
})

describe('the connection to a drachtio-server', () => {
  const open: { close(): Promise<void> }[] = []
  afterEach(async () => {
    vi.useRealTimers()
    for (const each of open.splice(0).reverse()) await each.close()
  })

  async function bench() {
    const standIn = await DrachtioStandIn.open({ secret })
    open.push(standIn)
    const user = new TestSipUser()
    const connections: boolean[] = []
    const onConnection = (connected: boolean) => connections.push(connected)
    const server = { host: '127.0.0.1', port: standIn.port, secret }
    const stack = await stackWith(server, user, { onConnection })
    open.push(stack)
    const peer = await peerOf(stack.listening, 'udp')
    open.push(peer)
    return { standIn, user, stack, peer, connections }
  }

  /** A call of the peer's that is established. */
  async function established({ user, peer }: { user: TestSipUser; peer: RawPeer; stack: DrachtioStack }) {
    const contact = ['Contact', `<${peer.uri}>`] as const
    await peer.send('INVITE', { contentType: 'application/sdp', body: 'their offer', headers: [contact] })
    await until(() => user.invites.length > 0, 'an invitation')
    const accepting = user.invites.shift()?.accept(Buffer.from('our answer'))
    const theirs = PeerDialog.answered(peer, await peer.answer('INVITE'))
    await theirs.send('ACK')
    const accepted = await accepting
    if (!accepted) throw new Error('not accepted')
    const dialogUser = new TestDialogUser()
    accepted.dialog.user = dialogUser
    return { dialog: accepted.dialog, dialogUser, theirs }
  }

  test('[SD-67] a server that goes away fails what waits, ends dialogs, and is found again', async () => {
    const { standIn, user, stack, peer, connections } = await bench()
    const { dialog, dialogUser } = await established({ user, peer, stack })
    await peer.send('INVITE', { contentType: 'application/sdp', body: 'x', headers: [['Contact', `<${peer.uri}>`]] })
    await until(() => user.invites.length > 0, 'a second invitation')
    let cancelled = 0
    const [ringing] = user.invites
    if (ringing) ringing.onCancel = () => cancelled++
    const waiting = stack.request(message(peer))
    await peer.request('MESSAGE')

    const { port } = standIn
    await standIn.stop()
    const failed = await waiting
    expect([failed.status, failed.received]).toEqual([503, false])
    expect(cancelled).toBe(1)
    expect(dialogUser.ends).toEqual([{ by: 'peer', reason: 'SIP;cause=503;text="drachtio-server is gone"' }])
    expect((await dialog.request('INFO')).status).toBe(481)
    const away = await stack.request(message(peer))
    expect([away.status, away.received]).toEqual([503, false])
    const invited = await stack.invite({ to: { uri: peer.uri }, from: '<sip:7001@example.com>' }).answered
    expect('refused' in invited && [invited.refused.status, invited.refused.received]).toEqual([503, false])
    expect(connections).toEqual([true, false])

    await standIn.start(port)
    await until(() => connections.length === 3, 'the connection again')
    // What the server still has of us ends.
    peer.reply(await peer.request('BYE'), 200)
    const sent = stack.request(message(peer))
    peer.reply(await peer.request('MESSAGE'), 200)
    expect((await sent).status).toBe(200)
    await peer.send('OPTIONS')
    expect((await peer.answer('OPTIONS')).status).toBe(200)
  })

  test('[SD-67] one that is away when we close is not waited for', async () => {
    const { standIn, stack, connections } = await bench()
    await standIn.stop()
    await until(() => connections.length === 2, 'the loss')
    await stack.close()
  })

  test('[SD-68] a secret the server does not know', async () => {
    const standIn = await DrachtioStandIn.open({ secret })
    open.push(standIn)
    const server = { host: '127.0.0.1', port: standIn.port, secret: 'another' }
    await expect(stackWith(server, new TestSipUser())).rejects.toThrow('does not know our secret')
  })

  test('[SD-68] a server that is not there in time', async () => {
    const standIn = await DrachtioStandIn.open({ secret })
    const server = { host: '127.0.0.1', port: standIn.port, secret }
    await standIn.close()
    await expect(stackWith(server, new TestSipUser(), { patienceMs: 600 })).rejects.toThrow(
      'no drachtio-server answers',
    )
  })

  test('[SD-68] a server that is there a little later', async () => {
    const early = await DrachtioStandIn.open({ secret })
    const { port } = early
    await early.stop()
    open.push(early)
    const opening = stackWith({ host: '127.0.0.1', port, secret }, new TestSipUser())
    await new Promise((resolve) => setTimeout(resolve, 200))
    await early.start(port)
    open.push(await opening)
  })

  test('[SD-69] a server that sends what cannot be read loses us, and we are there again', async () => {
    const { standIn, stack, peer, connections } = await bench()
    for (const client of standIn.clients) client.send('no such thing|at all')
    await until(() => connections.length === 3, 'the connection again')
    const sent = stack.request(message(peer))
    peer.reply(await peer.request('MESSAGE'), 200)
    expect((await sent).status).toBe(200)
  })

  test('[SD-69] a server that answers no ping is gone', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { standIn, connections } = await bench()
    const [client] = standIn.clients
    const pings = () => client?.commands.filter(({ name }) => name === 'ping').length
    for (const count of [1, 2, 3]) {
      vi.advanceTimersByTime(15_000)
      await until(() => pings() === count, 'a ping')
      await settled()
    }
    standIn.answersPings = false
    vi.advanceTimersByTime(15_000)
    await until(() => pings() === 4, 'a ping')
    expect(connections).toEqual([true])
    vi.advanceTimersByTime(15_000)
    await until(() => connections.length === 3, 'the connection again')
  })

  test('[SD-64] a BYE of the server’s own ends the dialog', async () => {
    const { standIn, user, stack, peer } = await bench()
    const { dialog, dialogUser } = await established({ user, peer, stack })
    standIn.expireSessions()
    await until(() => dialogUser.ends.length > 0, 'the end')
    expect(dialogUser.ends).toEqual([{ by: 'peer', reason: 'SIP ;cause=200 ;text="Session timer expired"' }])
    expect((await dialog.request('INFO')).status).toBe(481)
    expect(stack.counts).toEqual({ dialogs: 0, server: 0, client: 0 })
  })
})

describe('a port where nobody speaks', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  test('[SD-68] is no drachtio-server', async () => {
    server = createServer((socket) => socket.on('error', () => undefined).resume())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const opening = stackWith({ host: '127.0.0.1', port, secret }, new TestSipUser(), { patienceMs: 300 })
    await expect(opening).rejects.toThrow('no drachtio-server answers')
  })
})
