import { describe, expect, test } from 'vitest'
import { benchWithPeer, ourInvite, weCall } from './sip-contract-calls.ts'
import type { OpenBench } from './sip-port.contract.ts'
import type { SipPortHarness } from './sip-port-harness.ts'

/** INVITEs of ours, until they are dialogs. */
export function ourCallsContract(open: OpenBench, harness: SipPortHarness): void {
  describe('calls of ours', () => {
    test('[SD-8] INVITE, 180, 200, ACK, and BYE of ours', async () => {
      const { port, peer } = await benchWithPeer(open)
      const outgoing = port.invite({ ...ourInvite(peer), headers: [['Subject', 'chat']] })
      const progress: number[] = []
      outgoing.onProgress = (status) => progress.push(status)
      const request = await peer.request('INVITE')
      expect([request.uri, request.contentType, request.header('subject')]).toEqual([
        peer.uri,
        'application/sdp',
        'chat',
      ])
      expect(request.header('contact')).toContain('<sip:7001@')
      peer.reply(request, 100)
      peer.reply(request, 180)
      peer.reply(request, 200, { body: 'their answer' })
      const answered = await outgoing.answered
      if ('refused' in answered) throw new Error('refused')
      expect(Buffer.from(answered.sdp).toString()).toBe('their answer')
      expect(progress).toEqual([180])
      const ack = await peer.request('ACK')
      expect([ack.uri, ack.cseq.number, ack.to.tag]).toEqual([peer.uri, request.cseq.number, 'peer-tag'])

      const ended = answered.dialog.bye()
      const bye = await peer.request('BYE')
      expect(bye.cseq.number).toBeGreaterThan(request.cseq.number)
      peer.reply(bye, 200)
      await ended
    })

    test('[SD-8] BYE of the peer ends the dialog, with its reason', async () => {
      const { peer, theirs, dialogUser } = await weCall(open)
      await theirs.send('BYE', { headers: [['Reason', 'SIP;cause=480']] })
      expect((await peer.answer('BYE')).status).toBe(200)
      expect(dialogUser.ends).toEqual([{ by: 'peer', reason: 'SIP;cause=480' }])
    })

    test.each([486, 603, 404, 302])('[SD-8] a refusal of %i is the answer', async (status) => {
      const { port, peer } = await benchWithPeer(open)
      const outgoing = port.invite(ourInvite(peer))
      peer.reply(await peer.request('INVITE'), status, { headers: [['Warning', '399 peer "no"']] })
      const answered = await outgoing.answered
      if (!('refused' in answered)) throw new Error('answered')
      expect([answered.refused.status, answered.refused.header('warning')]).toEqual([status, '399 peer "no"'])
      expect((await peer.request('ACK')).to.tag).toBe('peer-tag')
    })

    test('[SD-9] cancel: CANCEL with its reason once a provisional answer is there, then 487', async () => {
      const { port, bench, peer } = await benchWithPeer(open)
      const outgoing = port.invite(ourInvite(peer))
      const request = await peer.request('INVITE')
      outgoing.cancel('SIP;cause=200')
      await bench.settle()
      expect(peer.left()).toEqual([])
      peer.reply(request, 180)
      const cancel = await peer.request('CANCEL')
      expect([cancel.via.branch, cancel.header('reason')]).toEqual([request.via.branch, 'SIP;cause=200'])
      peer.reply(cancel, 200)
      peer.reply(request, 487)
      const answered = await outgoing.answered
      expect('refused' in answered && answered.refused.status).toBe(487)
      await peer.request('ACK')
    })

    test('[SD-9] a 200 that crosses our CANCEL is acknowledged and ended with BYE', async () => {
      const { port, peer } = await benchWithPeer(open)
      const outgoing = port.invite(ourInvite(peer))
      const request = await peer.request('INVITE')
      peer.reply(request, 180)
      outgoing.cancel()
      peer.reply(await peer.request('CANCEL'), 200)
      peer.reply(request, 200, { body: 'their answer' })
      await peer.request('ACK')
      peer.reply(await peer.request('BYE'), 200)
      const answered = await outgoing.answered
      expect('refused' in answered && answered.refused.status).toBe(487)
    })

    test('[SD-10, SD-63] of several 2xx the first is the dialog; the others are acknowledged and ended with BYE', async () => {
      const { port, bench, peer } = await benchWithPeer(open)
      const outgoing = port.invite(ourInvite(peer))
      const request = await peer.request('INVITE')
      peer.reply(request, 180, { tag: 'one' })
      peer.reply(request, 180, { tag: 'two' })
      peer.reply(request, 200, { tag: 'two', body: 'second' })
      const answered = await outgoing.answered
      if ('refused' in answered) throw new Error('refused')
      expect((await peer.request('ACK')).to.tag).toBe('two')
      peer.reply(request, 200, { tag: 'one', body: 'first' })
      // SD-63: where branches are not told apart, the other one is acknowledged as if it were the first, and its own timer ends it.
      const apart = !harness.deviations?.has('branches are not told apart')
      expect((await peer.request('ACK')).to.tag).toBe(apart ? 'one' : 'two')
      if (apart) {
        const bye = await peer.request('BYE')
        expect(bye.to.tag).toBe('one')
        peer.reply(bye, 200)
      }
      await bench.settle()
      expect(Buffer.from(answered.sdp).toString()).toBe('second')
      void answered.dialog.request('INFO')
      expect((await peer.request('INFO')).to.tag).toBe('two')
    })

    test('[SD-11] a repeated 2xx is acknowledged again, with the same CSeq', async () => {
      const { port, peer } = await benchWithPeer(open)
      const outgoing = port.invite(ourInvite(peer))
      const request = await peer.request('INVITE')
      peer.reply(request, 200, { body: 'their answer' })
      await outgoing.answered
      expect((await peer.request('ACK')).cseq.number).toBe(1)
      peer.reply(request, 200, { body: 'their answer' })
      expect((await peer.request('ACK')).cseq.number).toBe(1)
    })

    test('[SD-13] a reliable provisional answer gets PRACK, once, in order', async () => {
      const { port, bench, peer } = await benchWithPeer(open)
      const outgoing = port.invite(ourInvite(peer))
      const progress: number[] = []
      outgoing.onProgress = (status) => progress.push(status)
      const request = await peer.request('INVITE')
      expect(request.headers('supported')).toContain('100rel')
      const reliable = (rseq: number) => ({
        headers: [
          ['Require', '100rel'],
          ['RSeq', `${rseq}`],
        ] as const,
      })
      peer.reply(request, 183, reliable(7))
      const prack = await peer.request('PRACK')
      expect([prack.header('rack'), prack.to.tag, prack.cseq.number]).toEqual(['7 1 INVITE', 'peer-tag', 2])
      peer.reply(prack, 200)
      peer.reply(request, 183, reliable(7))
      peer.reply(request, 180, reliable(9))
      await bench.settle()
      expect(peer.left()).toEqual([])
      peer.reply(request, 180, reliable(8))
      peer.reply(await peer.request('PRACK'), 200)
      expect(progress).toEqual([183, 180])
      peer.reply(request, 200, { body: 'their answer' })
      await outgoing.answered
      expect((await peer.request('ACK')).cseq.number).toBe(1)
    })

    test('[SD-25] an INVITE answers a challenge, and so do its ACK and the requests of its dialog', async () => {
      const { port, peer } = await benchWithPeer(open)
      const outgoing = port.invite({ ...ourInvite(peer), credentials: { user: '7001', password: 'secret' } })
      const first = await peer.request('INVITE')
      const challenge = ['Proxy-Authenticate', 'Digest realm="r", nonce="n1", algorithm=SHA-256, qop="auth"'] as const
      peer.reply(first, 407, { headers: [challenge] })
      const second = await peer.request('INVITE')
      expect(second.header('proxy-authorization')).toContain('nc=00000001')
      peer.reply(second, 200, { body: 'their answer' })
      const answered = await outgoing.answered
      if ('refused' in answered) throw new Error('refused')
      await peer.request('ACK')
      const ack = await peer.request('ACK')
      expect(ack.header('proxy-authorization')).toBe(second.header('proxy-authorization'))
      void answered.dialog.request('INFO')
      const info = await peer.request('INFO')
      expect(info.header('proxy-authorization')).toContain('nc=00000002')
      expect(info.cseq.number).toBe(3)
      peer.reply(info, 200)
    })

    if (harness.clocked)
      test('[SD-8] where nobody answers, the refusal is 408 and our own', async () => {
        const { port, bench, peer } = await benchWithPeer(open)
        const outgoing = port.invite(ourInvite(peer))
        await peer.request('INVITE')
        await bench.advance(33_000)
        const answered = await outgoing.answered
        expect('refused' in answered && [answered.refused.status, answered.refused.received]).toEqual([408, false])
      })

    test('[SD-14] 422 raises the interval; the new INVITE has the next CSeq and the same Call-ID', async () => {
      const { port, peer } = await benchWithPeer(open, { sessionTimer: { interval: 1800, minSE: 90 } })
      const outgoing = port.invite(ourInvite(peer))
      const first = await peer.request('INVITE')
      expect([first.header('session-expires'), first.header('min-se')]).toEqual(['1800', undefined])
      peer.reply(first, 422, { headers: [['Min-SE', '3600']] })
      const second = await peer.request('INVITE')
      expect([second.header('session-expires'), second.header('min-se')]).toEqual(['3600', '3600'])
      expect([second.callID, second.cseq.number]).toEqual([first.callID, first.cseq.number + 1])
      peer.reply(second, 200, { headers: [['Session-Expires', '3600;refresher=uac']], body: 'their answer' })
      expect(await outgoing.answered).toHaveProperty('dialog')
    })
  })
}
