import { describe, expect, test } from 'vitest'
import { type Established, peerCalls, weCall } from './sip-contract-calls.ts'
import type { OpenBench } from './sip-port.contract.ts'
import type { SipPortHarness } from './sip-port-harness.ts'

const sdp = (text: string) => ({ contentType: 'application/sdp', body: text })
const timer = { sessionTimer: { interval: 1800, minSE: 90 } }

/** Offers inside dialogs, and session timers. */
export function offersContract(open: OpenBench, harness: SipPortHarness): void {
  describe('offers inside dialogs', () => {
    test('[SD-18] re-INVITE of the peer: the user’s answer, and a new target from then on', async () => {
      const { peer, theirs, dialog, dialogUser, bench } = await peerCalls(open)
      await theirs.send('INVITE', sdp('new offer'))
      const answer = await peer.answer('INVITE')
      expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([200, 'our answer'])
      expect(answer.header('contact')).toContain('sip:')
      await theirs.send('ACK')
      expect(dialogUser.offers).toEqual(['new offer'])
      await bench.settle()
      const sent = dialog.request('INFO')
      peer.reply(await peer.request('INFO'), 200)
      expect((await sent).status).toBe(200)
    })

    test('[SD-18] a refused re-INVITE leaves the dialog as it was', async () => {
      const { peer, theirs, dialog, dialogUser } = await peerCalls(open)
      dialogUser.answer = async () => ({ status: 488 })
      await theirs.send('INVITE', sdp('new offer'))
      expect((await peer.answer('INVITE')).status).toBe(488)
      await theirs.send('ACK')
      const sent = dialog.request('INFO')
      peer.reply(await peer.request('INFO'), 200)
      expect((await sent).status).toBe(200)
    })

    test('[SD-18] a re-INVITE without an offer asks the user for one, and the ACK’s answer is handed on', async () => {
      const { bench, peer, theirs, dialogUser } = await peerCalls(open)
      await theirs.send('INVITE')
      expect((await peer.answer('INVITE')).status).toBe(200)
      await theirs.send('ACK', sdp('their answer'))
      await bench.settle()
      expect([dialogUser.offers, dialogUser.answers]).toEqual([[''], ['their answer']])
    })

    test('[SD-18] UPDATE with an offer is answered like a re-INVITE; without one it refreshes', async () => {
      const { peer, theirs, dialogUser } = await peerCalls(open)
      await theirs.send('UPDATE', sdp('new offer'))
      expect(Buffer.from((await peer.answer('UPDATE')).body).toString()).toBe('our answer')
      await theirs.send('UPDATE')
      expect((await peer.answer('UPDATE')).body).toHaveLength(0)
      expect(dialogUser.offers).toEqual(['new offer'])
    })

    test('[SD-18] a CANCEL of a re-INVITE leaves the dialog', async () => {
      const { peer, theirs, dialog, dialogUser } = await peerCalls(open)
      dialogUser.answer = () => new Promise(() => undefined)
      const branch = `z9hG4bK${peer.token()}`
      await theirs.send('INVITE', { ...sdp('new offer'), branch })
      await theirs.send('CANCEL', { branch })
      expect((await peer.answer('CANCEL')).status).toBe(200)
      expect((await peer.answer('INVITE')).status).toBe(487)
      const sent = dialog.request('INFO')
      peer.reply(await peer.request('INFO'), 200)
      expect((await sent).status).toBe(200)
    })

    test('[SD-18] our re-INVITE: its answer, and ACK', async () => {
      const { peer, dialog } = await peerCalls(open)
      const offered = dialog.offer(Buffer.from('new offer'), [['Subject', 'again']])
      const request = await peer.request('INVITE')
      expect([Buffer.from(request.body).toString(), request.header('subject')]).toEqual(['new offer', 'again'])
      peer.reply(request, 200, { body: 'their answer' })
      expect(await offered).toEqual({ sdp: expect.anything() })
      expect((await peer.request('ACK')).cseq.number).toBe(request.cseq.number)
      peer.reply(request, 200, { body: 'their answer' })
      expect((await peer.request('ACK')).cseq.number).toBe(request.cseq.number)
    })

    test('[SD-18] offers of ours wait for each other', async () => {
      const { bench, peer, dialog } = await peerCalls(open)
      const first = dialog.offer(Buffer.from('one'))
      const second = dialog.offer(Buffer.from('two'))
      const request = await peer.request('INVITE')
      await bench.settle()
      expect(peer.left()).toEqual([])
      peer.reply(request, 488)
      expect(await first).toMatchObject({ refused: { status: 488 } })
      peer.reply(await peer.request('INVITE'), 200, { body: 'their answer' })
      expect(await second).toHaveProperty('sdp')
    })

    test('[SD-19] glare: the peer’s offer is 491 while ours waits, 500 while its own does', async () => {
      const { peer, theirs, dialog, dialogUser } = await peerCalls(open)
      const offered = dialog.offer(Buffer.from('new offer'))
      const request = await peer.request('INVITE')
      await theirs.send('INVITE', sdp('theirs'))
      expect((await peer.answer('INVITE')).status).toBe(491)
      await theirs.send('UPDATE', sdp('theirs'))
      expect((await peer.answer('UPDATE')).status).toBe(491)
      peer.reply(request, 200, { body: 'their answer' })
      await offered
      dialogUser.answer = () => new Promise(() => undefined)
      await theirs.send('INVITE', sdp('theirs'))
      await theirs.send('INVITE', sdp('theirs again'))
      const answer = await peer.answer('INVITE')
      expect([answer.status, Number(answer.header('retry-after')) <= 10]).toEqual([500, true])
    })

    if (harness.clocked)
      test.each([
        ['ours', 2_100, 4_000],
        ['the peer’s', 0, 2_000],
      ] as const)(
        '[SD-19] after a 491 we try again; the Call-ID is %s: %i to %i ms later',
        async (whose, least, most) => {
          const { bench, peer, dialog } = await (whose === 'ours' ? weCall(open) : peerCalls(open))
          const offered = dialog.offer(Buffer.from('new offer'))
          peer.reply(await peer.request('INVITE'), 491)
          await peer.request('ACK')
          await bench.advance(Math.max(0, least - 100))
          if (least > 0) expect(peer.left()).toEqual([])
          await bench.advance(most - least + 200)
          peer.reply(await peer.request('INVITE'), 200, { body: 'their answer' })
          expect(await offered).toHaveProperty('sdp')
        },
      )
  })

  describe('session timers', () => {
    const hasTimer = { invite: { headers: [['Supported', 'timer'] as const, ['Session-Expires', '600'] as const] } }

    test('[SD-14] too short an interval is 422 with Min-SE', async () => {
      const { peer } = await peerCalls(open, timer)
      await peer.send('INVITE', {
        ...sdp('offer'),
        headers: [
          ['Contact', `<${peer.uri}>`],
          ['Supported', 'timer'],
          ['Session-Expires', '60'],
        ],
      })
      const answer = await peer.answer('INVITE')
      expect([answer.status, answer.header('min-se')]).toEqual([422, '90'])
    })

    test('[SD-14] the interval asked for is answered; we refresh unless the peer says that it does', async () => {
      const { answer } = await peerCalls(open, { ...timer, ...hasTimer })
      expect(answer?.header('session-expires')).toBe('600;refresher=uas')
      const headers = [['Supported', 'timer'] as const, ['Session-Expires', '600;refresher=uac'] as const]
      const other = await peerCalls(open, { ...timer, invite: { headers } })
      expect(other.answer?.header('session-expires')).toBe('600;refresher=uac')
      expect(other.answer?.headers('require')).toEqual(['timer'])
    })

    test('[SD-14] a peer that knows no session timer gets ours, and we refresh', async () => {
      const { answer } = await peerCalls(open, timer)
      expect(answer?.header('session-expires')).toBe('1800;refresher=uas')
    })

    if (harness.clocked)
      test('[SD-20] the refresher refreshes at half the interval by UPDATE', async () => {
        const { bench, peer, dialogUser } = await peerCalls(open, { ...timer, ...hasTimer })
        for (let times = 0; times < 3; times++) {
          await bench.advance(300_100)
          const update = await peer.request('UPDATE')
          expect([update.header('session-expires'), update.body.length]).toEqual(['600;refresher=uac', 0])
          peer.reply(update, 200, { headers: [['Session-Expires', '600;refresher=uac']] })
          await bench.settle()
        }
        expect(dialogUser.ends).toEqual([])
      })

    if (harness.clocked)
      test('[SD-20] by re-INVITE with the user’s offer where the peer does not know UPDATE', async () => {
        const { bench, peer, dialogUser } = await peerCalls(open, { ...timer, ...hasTimer })
        await bench.advance(300_100)
        peer.reply(await peer.request('UPDATE'), 501)
        const again = await peer.request('INVITE')
        expect([Buffer.from(again.body).toString(), again.header('session-expires')]).toEqual([
          'our answer',
          '600;refresher=uac',
        ])
        peer.reply(again, 200, { headers: [['Session-Expires', '600;refresher=uac']], body: 'their answer' })
        await peer.request('ACK')
        expect(dialogUser.offers).toEqual([''])
        await bench.advance(300_100)
        peer.reply(await peer.request('INVITE'), 200, { body: 'their answer' })
      })

    if (harness.clocked)
      test('[SD-20] without asking by UPDATE where the peer’s Allow does not name it', async () => {
        const headers = [...hasTimer.invite.headers, ['Allow', 'INVITE, ACK, BYE'] as const]
        const { bench, peer } = await peerCalls(open, { ...timer, invite: { headers } })
        await bench.advance(300_100)
        peer.reply(await peer.request('INVITE'), 200, { body: 'their answer' })
      })

    if (harness.clocked && harness.ownsDialogs)
      test('[SD-20] a dialog that was taken up is refreshed within a quarter of its interval', async () => {
        const { dialog, peer } = await peerCalls(open, { ...timer, ...hasTimer })
        const state = dialog.state()
        const user = { onRequest: async () => ({ status: 200 }), onInvite() {}, onFlowClosed() {} }
        const second = await open({ user, ...timer })
        if (!state || !second.port.restore(state)) throw new Error('not restored')
        await second.advance(150_100)
        peer.reply(await peer.request('UPDATE'), 200)
      })

    if (harness.clocked)
      test('[SD-20] a session nobody refreshes ends with BYE', async () => {
        const established = await weCall(open, {
          ...timer,
          answerHeaders: [['Session-Expires', '600;refresher=uas']],
        })
        await expires(established, 568_100)
      })

    if (harness.clocked)
      test('[SD-20] so does one whose refreshes fail', async () => {
        const established = await peerCalls(open, { ...timer, ...hasTimer })
        await established.bench.advance(300_100)
        established.peer.reply(await established.peer.request('UPDATE'), 500)
        await expires(established, 268_100)
      })

    if (harness.clocked)
      test('[SD-20] the peer’s refresh starts the time anew', async () => {
        const { bench, theirs, peer, dialogUser } = await weCall(open, {
          ...timer,
          answerHeaders: [['Session-Expires', '600;refresher=uas']],
        })
        await bench.advance(500_000)
        const headers = [['Supported', 'timer'] as const, ['Session-Expires', '600;refresher=uac'] as const]
        await theirs.send('UPDATE', { headers })
        expect((await peer.answer('UPDATE')).header('session-expires')).toBe('600;refresher=uac')
        await bench.advance(500_000)
        expect(dialogUser.ends).toEqual([])
      })
  })
}

async function expires({ bench, peer, dialogUser }: Established, ms: number): Promise<void> {
  await bench.advance(ms)
  const bye = await peer.request('BYE')
  expect(bye.header('reason')).toContain('cause=408')
  peer.reply(bye, 200)
  expect(dialogUser.ends).toEqual([{ by: 'timer', reason: undefined }])
}
