import type { SipResponse } from '../sip/message/message.ts'
import type { IncomingInvite, SipDialog } from '../sip/ports.ts'
import { PeerDialog, type PeerRequest, type RawPeer } from './raw-peer.ts'
import type { OpenBench } from './sip-port.contract.ts'
import { type PortBench, type PortBenchOptions, TestDialogUser, TestSipUser } from './sip-port-harness.ts'

/** A stack, its user and a peer over UDP. */
export async function benchWithPeer(open: OpenBench, options: Omit<PortBenchOptions, 'user'> = {}) {
  const user = new TestSipUser()
  const bench = await open({ user, ...options })
  return { user, bench, port: bench.port, peer: await bench.peer('udp') }
}

/** The invitation of a peer with an offer. */
export async function invite(peer: RawPeer, more: PeerRequest = {}): Promise<void> {
  await peer.send('INVITE', {
    contentType: 'application/sdp',
    body: 'their offer',
    ...more,
    headers: [['Contact', `<${peer.uri}>`], ...(more.headers ?? [])],
  })
}

/** A call of the peer, accepted and acknowledged, and both ends of it. */
export async function peerCalls(
  open: OpenBench,
  options: Omit<PortBenchOptions, 'user'> & { invite?: PeerRequest } = {},
): Promise<Established & { user: TestSipUser }> {
  const { user, bench, peer } = await benchWithPeer(open, options)
  await invite(peer, options.invite)
  const invitation = await invited(user, bench)
  const accepting = invitation.accept(Buffer.from('our answer'))
  const answer = await peer.answer('INVITE')
  const theirs = PeerDialog.answered(peer, answer)
  await theirs.send('ACK')
  const { dialog } = await accepting
  const dialogUser = new TestDialogUser()
  dialog.user = dialogUser
  return { bench, peer, user, dialog, dialogUser, theirs, answer }
}

export interface Established {
  readonly bench: PortBench
  readonly peer: RawPeer
  readonly dialog: SipDialog
  readonly dialogUser: TestDialogUser
  readonly theirs: PeerDialog
  readonly answer: SipResponse | undefined
}

/** A call of ours that the peer has accepted, and both ends of it. */
export async function weCall(
  open: OpenBench,
  options: Omit<PortBenchOptions, 'user'> & { answerHeaders?: readonly (readonly [string, string])[] } = {},
): Promise<Established> {
  const { bench, port, peer } = await benchWithPeer(open, options)
  const outgoing = port.invite(ourInvite(peer))
  const request = await peer.request('INVITE')
  peer.reply(request, 200, { body: 'their answer', headers: options.answerHeaders ?? [] })
  const answered = await outgoing.answered
  if ('refused' in answered) throw new Error(`refused with ${answered.refused.status}`)
  await peer.request('ACK')
  const dialogUser = new TestDialogUser()
  answered.dialog.user = dialogUser
  const theirs = PeerDialog.invited(peer, request)
  return { bench, peer, dialog: answered.dialog, dialogUser, theirs, answer: undefined }
}

/** What we ask the peer for. */
export function ourInvite(peer: RawPeer) {
  return { to: { uri: peer.uri }, from: '<sip:7001@example.com>', body: Buffer.from('our offer') }
}

/** The invitation the stack's user was told of. */
export async function invited(user: TestSipUser, bench: PortBench): Promise<IncomingInvite> {
  for (let turns = 0; turns < 100 && user.invites.length === 0; turns++) await bench.settle()
  const invitation = user.invites.shift()
  if (!invitation) throw new Error('no invitation came')
  return invitation
}
