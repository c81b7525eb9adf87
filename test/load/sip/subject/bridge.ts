/** What the engine does with a call, without its sessions: each call is two, with a dialog on either side (RFC 7092 §3.1.1). */
import {
  createSipStack,
  type IncomingInvite,
  type OutgoingRequest,
  parseUri,
  type Reply,
  type SipDialog,
  type SipRequest,
} from '@ringdown/signalling'
import { realClock } from '@ringdown/signalling/testing'
import { loopback, ready, tokens } from './parts.ts'

/** Where a called user is: `sip:user@host:port`. */
const location = new Map<string, string>()

const stack = await createSipStack({
  transports: loopback,
  clock: realClock,
  tokens: tokens(),
  random: Math.random,
  onError: (error) => console.error(error),
  user: {
    onRequest: async ({ request }) => (request.method === 'REGISTER' ? register(request) : pass(request)),
    onInvite: (invite) => void join(invite).catch((error) => console.error(error)),
    onFlowClosed: () => {},
  },
})

function register(request: SipRequest): Reply {
  const user = parseUri(request.to.uri)?.user
  const contact = /<([^>]+)>/.exec(request.header('contact') ?? '')?.[1]
  if (user === undefined || contact === undefined) return { status: 400 }
  location.set(user, contact)
  return { status: 200, headers: [['Contact', `<${contact}>`]] }
}

/** The same request again, as one of ours; undefined where nobody knows the called user. */
function again(request: SipRequest): OutgoingRequest | undefined {
  const uri = location.get(parseUri(request.uri)?.user ?? '')
  if (uri === undefined) return undefined
  const { method, body, contentType } = request
  const from = `<${request.from.uri}>`
  const toHeader = `<${request.to.uri}>`
  return { method, to: { uri }, from, toHeader, body, ...(contentType !== undefined && { contentType }) }
}

async function pass(request: SipRequest): Promise<Reply> {
  const outgoing = again(request)
  if (!outgoing) return { status: 404 }
  const { status, reason } = await stack.request(outgoing)
  return { status, reason }
}

async function join(invite: IncomingInvite): Promise<void> {
  const outgoing = again(invite.request)
  if (!outgoing) return invite.reject({ status: 404 })
  const call = stack.invite({ ...outgoing, body: invite.offer, contentType: 'application/sdp' })
  invite.onCancel = () => call.cancel()
  const outcome = await call.answered
  if ('refused' in outcome) return invite.reject({ status: outcome.refused.status })
  const { dialog } = await invite.accept(outcome.sdp)
  tie(dialog, outcome.dialog)
  tie(outcome.dialog, dialog)
}

/** Who hangs up on this side hangs up on the other. */
function tie(dialog: SipDialog, other: SipDialog): void {
  dialog.user = {
    onOffer: async () => ({ status: 488 }),
    onRequest: async () => ({ status: 405 }),
    onEnd: () => void other.bye(),
  }
}

ready(stack)
