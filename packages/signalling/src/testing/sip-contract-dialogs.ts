import { describe, expect, test } from 'vitest'
import { PeerDialog } from './raw-peer.ts'
import { peerCalls, weCall } from './sip-contract-calls.ts'
import type { OpenBench } from './sip-port.contract.ts'
import { type SipPortHarness, TestDialogUser } from './sip-port-harness.ts'

/** Established dialogs, but for their offers. */
export function dialogsContract(open: OpenBench, harness: SipPortHarness): void {
  describe('dialogs', () => {
    test('[SD-15] MESSAGE inside the dialog, both ways', async () => {
      const { peer, theirs, dialog, dialogUser } = await peerCalls(open)
      await theirs.send('MESSAGE', { contentType: 'text/plain', body: 'from them' })
      expect((await peer.answer('MESSAGE')).status).toBe(200)
      expect(dialogUser.requests).toEqual(['MESSAGE from them'])

      const sent = dialog.request('MESSAGE', { contentType: 'text/plain', body: Buffer.from('from us') })
      const request = await peer.request('MESSAGE')
      expect([request.to.tag, Buffer.from(request.body).toString()]).toEqual([
        /tag=([^;]+)/.exec(theirs.local)?.[1],
        'from us',
      ])
      expect(request.header('contact')).toBeUndefined()
      peer.reply(request, 415)
      expect((await sent).status).toBe(415)
    })

    test('[SD-15] what comes before the dialog has a user waits for one', async () => {
      const { bench, peer, theirs, dialog } = await weCall(open)
      dialog.user = undefined
      await theirs.send('MESSAGE', { contentType: 'text/plain', body: 'early' })
      await bench.settle()
      expect(peer.left()).toEqual([])
      const user = new TestDialogUser()
      dialog.user = user
      expect((await peer.answer('MESSAGE')).status).toBe(200)
      expect(user.requests).toEqual(['MESSAGE early'])
    })

    test('[SD-15] a BYE before the dialog has a user is answered, and told', async () => {
      const { peer, theirs, dialog } = await weCall(open)
      dialog.user = undefined
      await theirs.send('BYE')
      expect((await peer.answer('BYE')).status).toBe(200)
      const user = new TestDialogUser()
      dialog.user = user
      expect(user.ends).toEqual([{ by: 'peer', reason: undefined }])
    })

    test('[SD-15] OPTIONS inside the dialog says what we can', async () => {
      const { peer, theirs } = await peerCalls(open)
      await theirs.send('OPTIONS')
      const answer = await peer.answer('OPTIONS')
      expect([answer.status, answer.header('accept')]).toEqual([200, 'application/sdp'])
      expect(answer.headers('allow')).toContain('UPDATE')
    })

    test('[SD-3] a lower CSeq is 500', async () => {
      const { peer, theirs, dialogUser } = await peerCalls(open)
      await theirs.send('INFO', { cseq: 10 })
      expect((await peer.answer('INFO')).status).toBe(200)
      await theirs.send('INFO', { cseq: 9 })
      expect((await peer.answer('INFO')).status).toBe(500)
      expect(dialogUser.requests).toHaveLength(1)
    })

    test('[SD-3] a request with our tag and another Call-ID or tag is 481', async () => {
      const { peer, theirs } = await peerCalls(open)
      await theirs.send('INFO', { callID: 'other' })
      expect((await peer.answer('INFO')).status).toBe(481)
      await theirs.send('INFO', { from: '<sip:peer@example.net>;tag=other' })
      expect((await peer.answer('INFO')).status).toBe(481)
    })

    test('[SD-16] BYE/BYE crossing: both are answered, and the end is told once', async () => {
      const { peer, theirs, dialog, dialogUser } = await peerCalls(open)
      const ended = dialog.bye()
      const request = await peer.request('BYE')
      await theirs.send('BYE')
      expect((await peer.answer('BYE')).status).toBe(200)
      peer.reply(request, 481)
      await ended
      expect(dialogUser.ends).toEqual([])
      await theirs.send('INFO')
      expect((await peer.answer('INFO')).status).toBe(481)
    })

    test('[SD-16] BYE of the peer while our re-INVITE waits', async () => {
      const { peer, theirs, dialog, dialogUser } = await peerCalls(open)
      const offered = dialog.offer(Buffer.from('new offer'))
      const request = await peer.request('INVITE')
      await theirs.send('BYE')
      expect((await peer.answer('BYE')).status).toBe(200)
      peer.reply(request, 487)
      expect(await offered).toMatchObject({ refused: { status: 487 } })
      expect(dialogUser.ends).toHaveLength(1)
    })

    test('[SD-16, SD-63] BYE of the peer while its own re-INVITE waits: 487 to that', async () => {
      const { peer, theirs, dialogUser } = await peerCalls(open)
      dialogUser.answer = () => new Promise(() => undefined)
      await theirs.send('INVITE', { contentType: 'application/sdp', body: 'new offer' })
      await theirs.send('BYE')
      expect((await peer.answer('BYE')).status).toBe(200)
      const otherwise = harness.deviations?.has('a BYE ends re-INVITEs with 500') // SD-63
      expect((await peer.answer('INVITE')).status).toBe(otherwise ? 500 : 487)
    })

    test('[SD-17] 481 to a request ends the dialog', async () => {
      const { peer, dialog, dialogUser } = await peerCalls(open)
      const sent = dialog.request('INFO')
      peer.reply(await peer.request('INFO'), 481)
      expect((await sent).status).toBe(481)
      expect(dialogUser.ends).toEqual([{ by: 'lost', reason: undefined }])
      expect((await dialog.request('INFO')).received).toBe(false)
    })

    if (harness.clocked)
      test('[SD-17] no answer ends the dialog too, with BYE', async () => {
        const { bench, peer, dialog, dialogUser } = await peerCalls(open)
        const sent = dialog.request('INFO')
        await peer.request('INFO')
        await bench.advance(33_000)
        expect([(await sent).status, dialogUser.ends]).toEqual([408, [{ by: 'lost', reason: undefined }]])
        peer.reply(await peer.request('BYE'), 200)
      })

    if (!harness.ownsDialogs)
      test('[SD-60] a dialog another server holds has no state to take it up from', async () => {
        const { bench, dialog } = await peerCalls(open)
        dialog.onState = () => expect.unreachable()
        expect(dialog.state()).toBeUndefined()
        const state = {
          ...{ callID: 'c', ownsCallID: false, localTag: 'l', remoteTag: 'r', local: '<sip:a@b>', remote: '<sip:c@d>' },
          ...{ remoteTarget: 'sip:c@d', routeSet: [], localCSeq: 64, remoteCSeq: 1, secure: false, flow: undefined },
          session: null,
        }
        expect(bench.port.restore(state)).toBeUndefined()
      })

    if (harness.ownsDialogs)
      test('[SD-5] another process takes the dialog up from its state and goes on', async () => {
        const { peer, bench, theirs, dialog } = await peerCalls(open)
        const sent = dialog.request('INFO')
        const before = await peer.request('INFO')
        peer.reply(before, 200)
        await sent
        const state = JSON.parse(JSON.stringify(dialog.state()))

        const second = await open({
          user: { onRequest: async () => ({ status: 200 }), onInvite() {}, onFlowClosed() {} },
        })
        const taken = second.port.restore(state)
        if (!taken) throw new Error('not restored')
        const user = new TestDialogUser()
        taken.user = user
        const info = taken.request('INFO')
        const request = await peer.request('INFO')
        expect([request.callID, request.from.tag, request.to.tag]).toEqual([
          before.callID,
          before.from.tag,
          before.to.tag,
        ])
        expect(request.cseq.number).toBeGreaterThan(before.cseq.number)
        peer.reply(request, 200)
        expect((await info).status).toBe(200)

        const where = await second.peer('udp')
        const moved = new PeerDialog(where, { ...theirs, target: where.stackUri, cseq: theirs.cseq })
        await moved.send('MESSAGE', { body: 'still there' })
        expect((await where.answer('MESSAGE')).status).toBe(200)
        expect(user.requests).toEqual(['MESSAGE still there'])
        const ended = taken.bye()
        peer.reply(await peer.request('BYE'), 200)
        await ended
        await bench.settle()
      })

    if (harness.ownsDialogs)
      test('[SD-5] the state that was kept last has a CSeq above every one used', async () => {
        const { peer, dialog } = await peerCalls(open)
        let kept = dialog.state()?.localCSeq ?? 0
        let told = 0
        dialog.onState = (state) => {
          kept = state.localCSeq
          told++
        }
        for (let i = 0; i < 130; i++) {
          const sent = dialog.request('INFO')
          const request = await peer.request('INFO')
          expect(request.cseq.number).toBeLessThanOrEqual(kept)
          peer.reply(request, 200)
          await sent
        }
        expect(told).toBe(2)
      })
  })
}
