import type { MsrpSession, MsrpStack, OpenSession, OutgoingMessage, Sent } from '@ringdown/msrp'
import {
  type CallUUID,
  type DialogUser,
  type DNumber,
  type IncomingInvite,
  type LocalMedia,
  type LogEntry,
  type MessageID,
  makeAnswer,
  makeOffer,
  type OutgoingInvite,
  type Reply,
  type SipDialog,
  type SipPort,
} from '@ringdown/signalling'
import { ManualClock, sipDirectory } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import type { LegInput } from './leg.ts'
import { SessionWay } from './session-way.ts'
import type { Report } from './way.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

const peerMedia = (id: string): LocalMedia => ({
  origin: { sessionID: String(Number.parseInt(id, 36)), version: 1 },
  transport: 'tcp',
  path: [`msrp://192.0.2.1:9/${id};tcp`],
  acceptTypes: ['text/plain'],
  acceptWrappedTypes: [],
  maxSize: 1_000,
  reachable: true,
  cema: false,
})

const text = (position: number): LogEntry => ({
  position,
  text: {
    messageID: `m${position}` as MessageID,
    from: '7001' as DNumber,
    sent: 0,
    contentType: 'text/plain',
    body: `text ${position}`,
  },
})

/** A way to an MSRP client, and everything it asks of its surroundings. */
function stage(subject?: string) {
  const clock = new ManualClock()
  const said: string[] = []
  const subjects: (string | undefined)[] = []
  const inputs: LegInput[] = []
  const reports: Report[] = []
  const taken: number[] = []
  const sessions: { open: OpenSession; closed: boolean; settle: (sent: Sent) => void; path: string }[] = []
  const state = {
    relay: undefined as Promise<void> | undefined,
    reinvite: undefined as (() => Promise<never>) | undefined,
    isAnswered: false,
    isOurs: true,
  }
  const dialog = {
    id: 'd',
    state: () => ({ callID: 'd' }),
    offer: async (sdp: Uint8Array) => {
      said.push('re-INVITE')
      if (state.reinvite) return state.reinvite()
      const answer = makeAnswer(sdp, peerMedia(`peer${sessions.length}`))
      return 'sdp' in answer ? answer : { refused: { status: 488, reason: 'no' } }
    },
    bye: async () => void said.push('BYE'),
    forget: () => void said.push('forgotten'),
  } as unknown as SipDialog
  const msrp = {
    listening: [{ transport: 'tcp', address: '127.0.0.1', port: 2855 }],
    open: async (open: OpenSession): Promise<MsrpSession> => {
      await state.relay
      const path = `msrp://127.0.0.1:2855/ours${sessions.length};tcp`
      const session = { open, closed: false, path, settle: (_sent: Sent) => {} }
      sessions.push(session)
      return {
        path: [path],
        queued: 0,
        start: async () => {},
        send: (_message: OutgoingMessage) => new Promise((resolve) => (session.settle = resolve)),
        close: () => {
          session.closed = true
          session.settle({ sent: false, status: 481, comment: 'closed' })
        },
      }
    },
  } as unknown as MsrpStack
  const sip = {
    invite: ({ body = new Uint8Array(), headers }: Parameters<SipPort['invite']>[0]): OutgoingInvite => {
      said.push('INVITE')
      subjects.push(headers?.find(([name]) => name === 'Subject')?.[1])
      const answer = makeAnswer(body, peerMedia('peer'))
      if (state.isAnswered && 'sdp' in answer) {
        const answered = Promise.resolve({ dialog, sdp: answer.sdp })
        return { onProgress: undefined, answered, cancel: () => {} }
      }
      return { onProgress: undefined, answered: new Promise(() => {}), cancel: () => said.push('CANCEL') }
    },
    restore: () => dialog,
  } as unknown as SipPort
  const tell = async (what: LegInput) => void inputs.push(what)
  const way = new SessionWay({
    leg: {
      callUUID: 'call' as CallUUID,
      dn: '8002' as DNumber,
      otherDN: '7001' as DNumber,
      sip: { owner: 'n1', mode: 'session', trunk: null, uri: 'sip:8002@im.example' },
      subject,
    },
    sip,
    msrp,
    msrpOptions: {},
    clock,
    directory: () => sipDirectory(),
    domain: 'im.example',
    random: () => 0.5,
    maxSize: 1_000,
    locate: async () => ({ where: 'here', destinations: [{ uri: 'sip:8002@192.0.2.1' }] }),
    onTaken: (at) => taken.push(at),
    report: async (_id, report) => void reports.push(report),
    input: tell,
    tell,
    heardCPIM: () => {},
    speaksCPIM: () => false,
    keepDialog: async () => void said.push('kept'),
    note: () => {},
    onUp: () => said.push('up'),
    onPager: () => said.push('pager'),
    handOver: () => {},
    isOurs: async () => state.isOurs,
  })
  const invite = {
    offer: makeOffer(peerMedia('peer')),
    ring: () => said.push('180'),
    reject: ({ status }: Reply) => said.push(String(status)),
    accept: async () => {
      said.push('200')
      return { dialog, ack: new Uint8Array() }
    },
    onCancel: undefined,
  } as unknown as IncomingInvite
  const user = () => dialog.user as DialogUser
  return { clock, said, subjects, inputs, reports, taken, sessions, state, way, invite, user }
}

async function talking() {
  const made = stage()
  made.way.incoming(made.invite, 'tcp', false)
  made.way.established()
  await turn()
  expect(made.said).toEqual(['180', '200', 'kept', 'up'])
  made.said.length = 0
  return made
}

const lost = { input: 'released', why: 'lost' }

test('[SV-24] a text that an MSRP client takes is told with the time of its acceptance, one that it refuses is not', async () => {
  const { way, sessions, taken } = await talking()
  for (const outcome of [{ sent: true }, { sent: false, status: 413, comment: 'too long' }] as Sent[]) {
    const sending = way.send(text(5))
    await turn()
    sessions[0]?.settle(outcome)
    expect(await sending).toBe('done')
  }
  expect(taken).toEqual([0])
})

test('[LG-12] an INVITE of ours says what the session is about', async () => {
  for (const [subject, sent] of [
    [undefined, undefined],
    [' ', undefined],
    [' Building plans ☎ ', 'Building plans ☎'],
    ['x'.repeat(300), 'x'.repeat(200)],
  ]) {
    const { way, subjects } = stage(subject)
    void way.dial()
    await turn()
    expect(subjects).toEqual([sent])
  }
})

test('[LG-9] an MSRP session that cannot be opened while it rings refuses the INVITE, and breaks nothing', async () => {
  const { way, invite, said, inputs, state } = stage()
  state.relay = Promise.reject(new Error('no relay'))
  way.incoming(invite, 'tcp', false)
  await turn()
  expect([said, inputs]).toMatchObject([['180', '488'], [lost]])
})

test('[LG-9] a call that ends before the INVITE is sent sends none, and leaves no session', async () => {
  const { way, said, sessions, state } = stage()
  let connect = () => {}
  state.relay = new Promise((resolve) => (connect = resolve))
  const dialing = way.dial()
  await turn()
  way.end({ by: null, why: 'abandoned', at: 0 }, 'Ok')
  connect()
  await dialing
  expect([said, sessions.map(({ closed }) => closed)]).toEqual([[], [true]])
})

test('[LG-9] of an answer to a call that has ended without our knowledge nothing is kept', async () => {
  const { way, said, inputs, state } = stage()
  state.isAnswered = true
  state.isOurs = false
  await way.dial()
  expect([said, inputs]).toEqual([['INVITE'], [{ input: 'answered', mode: 'session' }]])
})

test('[LG-9] a caller who gives up while the session is opened leaves none', async () => {
  const { way, invite, said, inputs, sessions, state } = stage()
  let connect = () => {}
  state.relay = new Promise((resolve) => (connect = resolve))
  way.incoming(invite, 'tcp', false)
  invite.onCancel?.()
  connect()
  await turn()
  way.end({ by: null, why: 'abandoned', at: 0 }, 'Ok')
  expect([said, inputs, sessions.map(({ closed }) => closed)]).toMatchObject([
    ['180'],
    [{ input: 'released', why: 'abandoned' }],
    [true],
  ])
})

test('[LG-9] texts under way when the peer offers another session go over that one, with no re-INVITE of ours', async () => {
  const { way, said, sessions, user } = await talking()
  const sent = way.send(text(1))
  const answer = await user().onOffer(makeOffer(peerMedia('other')))
  await turn()
  expect([answer instanceof Uint8Array, await sent, said]).toEqual([true, 'later', ['up']])
  expect(sessions.map(({ closed }) => closed)).toEqual([true, false])
})

test('[LG-9] a session that fails is renewed in its dialog; while that goes on the peer is asked to wait', async () => {
  const { way, said, sessions, state, user, inputs } = await talking()
  let answer = () => {}
  state.reinvite = () =>
    new Promise((_resolve, reject) => {
      answer = () => reject(new Error('too late'))
    })
  const sent = way.send(text(1))
  sessions[0]?.settle({ sent: false, status: 408, comment: 'No answer' })
  expect(await sent).toBe('later')
  await turn()
  expect([said, await user().onOffer(makeOffer(peerMedia('other')))]).toEqual([['re-INVITE'], { status: 491 }])
  answer()
  await turn()
  expect(inputs).toMatchObject([lost])
})

test('[LG-9] an endpoint over which nothing gets through is given up after some sessions, not in a circle', async () => {
  const { way, said, sessions, inputs, clock } = await talking()
  for (let i = 0; i < 20; i++) {
    sessions.at(-1)?.open.user.onFailed('gone')
    await turn()
    clock.advance(10_000)
    await turn()
  }
  expect([said.filter((word) => word === 're-INVITE').length, inputs.length]).toEqual([4, 1])
  expect(inputs).toMatchObject([lost])
  way.end({ by: null, why: 'failed', at: 0 }, 'Ok')
  expect([said.at(-1), sessions.every(({ closed }) => closed), clock.pending]).toEqual(['BYE', true, 0])
})

test('[LG-9] a relay that refuses the new session ends the call, and breaks nothing', async () => {
  const { sessions, state, inputs } = await talking()
  state.relay = Promise.reject(new Error('no relay'))
  sessions[0]?.open.user.onFailed('gone')
  await turn()
  expect(inputs).toMatchObject([{ ...lost, reason: 'gone; no relay' }])
})

test('[LG-9] a refresh of the peer is answered with the session that stands, also after it was renewed', async () => {
  const { sessions, user } = await talking()
  sessions[0]?.open.user.onFailed('gone')
  await turn()
  const same = await user().onOffer(makeOffer(peerMedia('peer2')))
  expect([new TextDecoder().decode(same as Uint8Array).includes('/ours1;'), sessions.length]).toEqual([true, 2])
})

test('[LG-9] a peer on hold gets nothing until it takes texts again', async () => {
  const { way, user } = await talking()
  await user().onOffer(makeOffer({ ...peerMedia('held'), direction: 'sendonly' }))
  await turn()
  expect(await way.send(text(1))).toBe('later')
})

test('[LG-9] a dialog another node has is let go without a word; one nobody knows of is ended', async () => {
  const kept = await talking()
  kept.way.abandon()
  expect(kept.said).toEqual(['forgotten'])
  const ringing = stage()
  ringing.way.incoming(ringing.invite, 'tcp', false)
  await turn()
  ringing.way.abandon()
  expect([ringing.said, ringing.sessions.map(({ closed }) => closed)]).toEqual([['180', '480'], [true]])
})
