import { describe, expect, test } from 'vitest'
import { PeerDialog } from './raw-peer.ts'
import { benchWithPeer, invite, invited, peerCalls } from './sip-contract-calls.ts'
import type { OpenBench } from './sip-port.contract.ts'
import { type SipPortHarness, TestSipUser } from './sip-port-harness.ts'

/** INVITEs of peers, until they are dialogs. */
export function callsOfPeersContract(open: OpenBench, harness: SipPortHarness): void {
  describe('calls of peers', () => {
    test('[SD-6] ring, accept, ACK, and BYE of the peer', async () => {
      const { user, bench, peer } = await benchWithPeer(open)
      await invite(peer)
      const invitation = await invited(user, bench)
      expect(Buffer.from(invitation.offer).toString()).toBe('their offer')
      invitation.ring()
      const ringing = await peer.answer('INVITE', 101)
      expect([ringing.status, ringing.to.tag === undefined]).toEqual([180, false])
      const accepting = invitation.accept(Buffer.from('our answer'), [['X-More', 'yes']])
      const answer = await peer.answer('INVITE')
      expect([answer.status, answer.to.tag, answer.header('x-more')]).toEqual([200, ringing.to.tag, 'yes'])
      expect([answer.contentType, Buffer.from(answer.body).toString()]).toEqual(['application/sdp', 'our answer'])
      expect(answer.header('contact')).toContain('sip:')
      const theirs = PeerDialog.answered(peer, answer)
      await theirs.send('ACK')
      const { dialog } = await accepting
      const ends: unknown[] = []
      dialog.user = {
        onOffer: async () => ({ status: 488 }),
        onRequest: async () => ({ status: 200 }),
        onEnd: (why) => ends.push(why),
      }
      await theirs.send('BYE', { headers: [['Reason', 'Q.850;cause=16']] })
      expect((await peer.answer('BYE')).status).toBe(200)
      expect(ends).toEqual([{ by: 'peer', reason: 'Q.850;cause=16' }])
      expect((await dialog.request('INFO')).status).toBe(481)
    })

    test('[SD-6] BYE of ours ends the dialog', async () => {
      const { peer, dialog, dialogUser } = await peerCalls(open)
      const ended = dialog.bye('SIP;cause=200;text="done"')
      const request = await peer.request('BYE')
      expect(request.header('reason')).toBe('SIP;cause=200;text="done"')
      peer.reply(request, 200)
      await ended
      expect(dialogUser.ends).toEqual([])
    })

    test.each([486, 603, 480, 404])('[SD-6] a refusal of %i goes out as it is', async (status) => {
      const { user, bench, peer } = await benchWithPeer(open)
      await invite(peer, { branch: `z9hG4bK${peer.token()}` })
      const invitation = await invited(user, bench)
      invitation.reject({ status, headers: [['Retry-After', '10']] })
      const answer = await peer.answer('INVITE')
      expect([answer.status, answer.header('retry-after')]).toEqual([status, '10'])
    })

    test('[SD-6] an INVITE without an offer gets ours in the 200, and the ACK brings the answer', async () => {
      const { user, bench, peer } = await benchWithPeer(open)
      await peer.send('INVITE', { headers: [['Contact', `<${peer.uri}>`]] })
      const invitation = await invited(user, bench)
      expect(invitation.offer).toHaveLength(0)
      const accepting = invitation.accept(Buffer.from('our offer'))
      const theirs = PeerDialog.answered(peer, await peer.answer('INVITE'))
      await theirs.send('ACK', { contentType: 'application/sdp', body: 'their answer' })
      expect(Buffer.from((await accepting).ack).toString()).toBe('their answer')
    })

    test('[SD-6] a repeated INVITE reaches the user once', async () => {
      const { user, bench, peer } = await benchWithPeer(open)
      const same = {
        branch: `z9hG4bK${peer.token()}`,
        callID: peer.token(),
        from: '<sip:peer@example.net>;tag=one',
      }
      await invite(peer, same)
      await invited(user, bench)
      await invite(peer, same)
      await bench.settle()
      expect(user.invites).toEqual([])
    })

    test('[SD-7] CANCEL: 200 to it, 487 to the INVITE, and the user is told', async () => {
      const { user, bench, peer } = await benchWithPeer(open)
      const same = {
        branch: `z9hG4bK${peer.token()}`,
        callID: peer.token(),
        from: '<sip:peer@example.net>;tag=one',
      }
      await invite(peer, same)
      const invitation = await invited(user, bench)
      let cancelled = 0
      invitation.onCancel = () => cancelled++
      invitation.ring()
      await peer.answer('INVITE', 101)
      await peer.send('CANCEL', same)
      expect((await peer.answer('CANCEL')).status).toBe(200)
      expect((await peer.answer('INVITE')).status).toBe(487)
      await bench.settle()
      expect(cancelled).toBe(1)
      await expect(invitation.accept(Buffer.from('late'))).rejects.toThrow()
    })

    test('[SD-7, SD-63] a CANCEL that crosses our 200 changes nothing', async () => {
      const { user, bench, peer } = await benchWithPeer(open)
      const same = {
        branch: `z9hG4bK${peer.token()}`,
        callID: peer.token(),
        from: '<sip:peer@example.net>;tag=one',
      }
      await invite(peer, same)
      const invitation = await invited(user, bench)
      let cancelled = 0
      invitation.onCancel = () => cancelled++
      const accepting = invitation.accept(Buffer.from('our answer'))
      const answer = await peer.answer('INVITE')
      if (harness.deviations?.has('a CANCEL after the answer ends the dialog')) {
        const failed = expect(accepting).rejects.toThrow('hung up') // SD-63
        await peer.send('CANCEL', same)
        expect((await peer.answer('CANCEL')).status).toBe(481)
        peer.reply(await peer.request('BYE'), 200)
        await failed
        expect(cancelled).toBe(0)
        return
      }
      await peer.send('CANCEL', same)
      expect((await peer.answer('CANCEL')).status).toBe(200)
      const theirs = PeerDialog.answered(peer, answer)
      await theirs.send('ACK')
      const { dialog } = await accepting
      expect(cancelled).toBe(0)
      const ended = dialog.bye()
      peer.reply(await peer.request('BYE'), 200)
      await ended
    })

    test('[SD-7, SD-63] BYE before the answer: 200 to it, 487 to the INVITE', async () => {
      const { user, bench, peer } = await benchWithPeer(open)
      await invite(peer)
      const invitation = await invited(user, bench)
      let cancelled = 0
      invitation.onCancel = () => cancelled++
      invitation.ring()
      const theirs = PeerDialog.answered(peer, await peer.answer('INVITE', 101))
      await theirs.send('BYE')
      if (harness.deviations?.has('a BYE before the answer is refused')) {
        expect((await peer.answer('BYE')).status).toBe(481) // SD-63
        expect(cancelled).toBe(0)
        invitation.reject({ status: 480 })
        expect((await peer.answer('INVITE')).status).toBe(480)
        return
      }
      expect((await peer.answer('BYE')).status).toBe(200)
      expect((await peer.answer('INVITE')).status).toBe(487)
      expect(cancelled).toBe(1)
    })

    if (harness.ownsDialogs)
      test('[SD-7] a connection that is gone cancels what came over it', async () => {
        const user = new TestSipUser()
        const bench = await open({ user })
        const peer = await bench.peer('tcp')
        await invite(peer)
        const invitation = await invited(user, bench)
        let cancelled = 0
        invitation.onCancel = () => cancelled++
        const connection = await peer.flow()
        connection.close()
        await bench.settle()
        expect(cancelled).toBe(1)
      })

    if (harness.clocked)
      test('[SD-12] a lost ACK: the 200 is repeated until it comes', async () => {
        const { user, bench, peer } = await benchWithPeer(open)
        await invite(peer)
        const invitation = await invited(user, bench)
        const accepting = invitation.accept(Buffer.from('our answer'))
        const answer = await peer.answer('INVITE')
        await bench.advance(3_700)
        // After 0.5, 1.5 and 3.5 s.
        expect(peer.left()).toEqual(['200 INVITE', '200 INVITE', '200 INVITE'])
        await PeerDialog.answered(peer, answer).send('ACK')
        await accepting
        await bench.advance(40_000)
        expect(peer.left()).toEqual([])
      })

    if (harness.clocked)
      test('[SD-12] an ACK that never comes ends the dialog with BYE', async () => {
        const { user, bench, peer } = await benchWithPeer(open)
        await invite(peer)
        const accepting = (await invited(user, bench)).accept(Buffer.from('our answer'))
        const failed = expect(accepting).rejects.toThrow('ACK')
        await bench.advance(33_000)
        await failed
        peer.reply(await peer.request('BYE'), 200)
      })

    test('[SD-12] the peer may hang up before its ACK', async () => {
      const { user, bench, peer } = await benchWithPeer(open)
      await invite(peer)
      const accepting = (await invited(user, bench)).accept(Buffer.from('our answer'))
      const failed = expect(accepting).rejects.toThrow('hung up')
      await PeerDialog.answered(peer, await peer.answer('INVITE')).send('BYE')
      expect((await peer.answer('BYE')).status).toBe(200)
      await failed
    })

    test('[SD-13] with 100rel the 180 waits for its PRACK, and is repeated meanwhile', async () => {
      const { user, bench, peer } = await benchWithPeer(open)
      await invite(peer, { headers: [['Supported', '100rel']] })
      const invitation = await invited(user, bench)
      invitation.ring()
      const ringing = await peer.answer('INVITE', 101)
      expect(ringing.header('require')).toBe('100rel')
      const rack = `${ringing.header('rseq')} 1 INVITE`
      const theirs = PeerDialog.answered(peer, ringing)
      if (harness.clocked) {
        await bench.advance(600)
        expect(peer.left()).toEqual(['180 INVITE'])
      }
      if (!harness.deviations?.has('a wrong PRACK is not refused')) {
        await theirs.send('PRACK', { headers: [['RAck', '1 1 INVITE']] })
        expect((await peer.answer('PRACK')).status).toBe(481)
      }
      await theirs.send('PRACK', { headers: [['RAck', rack]] })
      expect((await peer.answer('PRACK')).status).toBe(200)
      const accepting = invitation.accept(Buffer.from('our answer'))
      const accepted = await peer.answer('INVITE')
      await theirs.send('ACK', { cseq: accepted.cseq.number })
      await accepting
    })

    test('[SD-13, SD-63] a PRACK that crosses our 200 is answered 200, before the ACK and after it', async () => {
      const { user, bench, peer } = await benchWithPeer(open)
      await invite(peer, { headers: [['Supported', '100rel']] })
      const invitation = await invited(user, bench)
      invitation.ring()
      const accepting = invitation.accept(Buffer.from('our answer'))
      const ringing = await peer.answer('INVITE', 101)
      const theirs = PeerDialog.answered(peer, await peer.answer('INVITE'))
      const rack = ['RAck', `${ringing.header('rseq')} 1 INVITE`] as const
      await theirs.send('PRACK', { headers: [rack] })
      expect((await peer.answer('PRACK')).status).toBe(200)
      await theirs.send('ACK', { cseq: 1 })
      await accepting
      await theirs.send('PRACK', { headers: [rack] })
      expect((await peer.answer('PRACK')).status).toBe(200)
      await theirs.send('PRACK', { headers: [['RAck', '2000000000 1 INVITE']] })
      const lenient = harness.deviations?.has('a wrong PRACK is not refused') // SD-63
      expect((await peer.answer('PRACK')).status).toBe(lenient ? 200 : 481)
    })

    test('[SD-4] requests inside the dialog carry the route set of the INVITE, in its order', async () => {
      const { user, bench, peer } = await benchWithPeer(open)
      const routes = [`<${peer.uri};lr>`, '<sip:first@203.0.113.5;lr>']
      await invite(peer, { headers: [['Record-Route', routes.join(', ')]] })
      const accepting = (await invited(user, bench)).accept(Buffer.from('our answer'))
      const answer = await peer.answer('INVITE')
      expect(answer.headers('record-route')).toEqual(routes)
      await PeerDialog.answered(peer, answer).send('ACK', { headers: [] })
      const { dialog } = await accepting
      void dialog.request('INFO')
      const request = await peer.request('INFO')
      expect(request.headers('route')).toEqual(routes)
      peer.reply(request, 200)
    })
  })
}
