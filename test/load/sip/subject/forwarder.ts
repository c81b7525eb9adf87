/**
 * What Kamailio's stateful relay does, on our transaction layer: finds who is called in a table in memory, records itself in the route of a
 * call, and passes requests and responses on with a server and a client transaction for each (RFC 3261 §16); an ACK to a 2xx has neither.
 */
import type { HeaderLine, SocketTransports } from '@ringdown/signalling'
import { parseUri } from '@ringdown/signalling'
import { createTransactionLayer, realClock, type SipRequest, type SipResponse } from '@ringdown/signalling/testing'
import { loopback, ready, tokens } from './parts.ts'

/** Where a called user is: `sip:user@host:port`. */
const location = new Map<string, string>()

type Transaction = Parameters<Parameters<typeof createTransactionLayer>[0]['user']['onRequest']>[0]

const layer = createTransactionLayer({
  clock: realClock,
  tokens: tokens(),
  user: {
    onRequest: (transaction) => {
      if (transaction.request.method === 'REGISTER') register(transaction)
      else void forward(transaction).catch(() => transaction.respond({ status: 500 }))
    },
    onAck: (ack) => void acknowledge(ack).catch((error) => console.error(error)),
    onStrayResponse: () => {},
    onFlowClosed: () => {},
  },
})

const transports: SocketTransports = await loopback({
  onMessage: (message, flow) => layer.receive(message, flow),
  onFault: ({ why }) => console.error(why),
  onClosed: (flow) => layer.flowClosed(flow),
})
const here = `127.0.0.1:${transports.listening[0]?.port}`
const recordRoute: HeaderLine = ['Record-Route', `<sip:${here};lr>`]

/** Keeps where somebody is; who it is, nobody asks here. */
function register(transaction: Transaction): void {
  const { request } = transaction
  const user = parseUri(request.to.uri)?.user
  const contact = /<([^>]+)>/.exec(request.header('contact') ?? '')?.[1]
  if (user !== undefined && contact !== undefined) location.set(user, contact)
  transaction.respond(contact === undefined ? { status: 400 } : { status: 200, headers: [['Contact', `<${contact}>`]] })
}

/** RFC 3261 §16.4 and §16.5: to where the dialog's route says, or where the called user is. */
function nextUri(request: SipRequest): string | undefined {
  if (request.to.tag !== undefined) return request.uri
  return location.get(parseUri(request.uri)?.user ?? '')
}

async function flowTo(uri: string) {
  const [target] = await transports.resolve(uri)
  return target && transports.flowTo(target)
}

/** The request with one hop less to go, and without the Route that led here. RFC 3261 §16.6. */
function onward(request: SipRequest, uri: string) {
  const headers: HeaderLine[] = request.method === 'INVITE' ? [recordRoute] : []
  for (const line of request.lines()) {
    const [name, value] = line
    if (name === 'Max-Forwards') headers.push([name, String(Number(value) - 1)])
    else if (name !== 'Route' || !value.includes(here)) headers.push(line)
  }
  return { method: request.method, uri, headers, body: request.body }
}

async function forward(transaction: Transaction): Promise<void> {
  const { request } = transaction
  if (Number(request.header('max-forwards')) === 0) return transaction.respond({ status: 483 })
  const uri = nextUri(request)
  if (uri === undefined) return transaction.respond({ status: 404 })
  if (request.method === 'INVITE') transaction.respond({ status: 100 })
  const flow = await flowTo(uri)
  if (!flow) return transaction.respond({ status: 503 })
  const sent = layer.request(onward(request, uri), flow, {
    onResponse: (response) => {
      if (response.status > 100) back(transaction, response)
    },
    onFailed: (why) => transaction.respond({ status: why === 'timeout' ? 408 : 503 }),
  })
  transaction.onCancel = () => sent.cancel()
}

/** What the server transaction writes itself, from the request. */
const own = new Set(['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Record-Route', 'Content-Length'])

function back(transaction: Transaction, response: SipResponse): void {
  const { status, reason, body } = response
  // The layer is a user agent's, and would answer with a tag of its own; a proxy's answers have the callee's.
  Object.assign(transaction, { toTag: response.to.tag })
  const routes = response.headers('record-route').map((value): HeaderLine => ['Record-Route', value])
  const headers = [...routes, ...response.lines().filter(([name]) => !own.has(name))]
  transaction.respond({ status, reason, headers, body })
}

async function acknowledge(ack: SipRequest): Promise<void> {
  const flow = await flowTo(ack.uri)
  if (flow) layer.sendStateless(onward(ack, ack.uri), flow)
}

ready(transports)
