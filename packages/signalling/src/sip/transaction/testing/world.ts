import {
  FakeFlow,
  ManualClock,
  type RequestText,
  readRequest,
  requestBytes,
  responseBytes,
  seededTokens,
} from '../../../testing/index.ts'
import type { SipRequest, SipResponse } from '../../message/message.ts'
import { createTransactionLayer, type TransactionDeps, type TransactionDrop } from '../layer.ts'
import type { ClientUser, ServerTransaction } from '../ports.ts'

/** A layer on a fake flow, and what its user was told. */
export function world(options: Partial<TransactionDeps> & { flow?: FakeFlow } = {}) {
  const clock = new ManualClock()
  const flow = options.flow ?? new FakeFlow()
  const requests: ServerTransaction[] = []
  const acks: SipRequest[] = []
  const strays: SipResponse[] = []
  const drops: TransactionDrop[] = []
  const closed: string[] = []
  const layer = createTransactionLayer({
    clock,
    tokens: seededTokens(1),
    user: {
      onRequest: (transaction) => void requests.push(transaction),
      onAck: (ack) => void acks.push(ack),
      onStrayResponse: (response) => void strays.push(response),
      onFlowClosed: ({ id }) => void closed.push(id),
    },
    onDrop: (why) => void drops.push(why),
    ...options,
  })
  flow.user = {
    onMessage: (message, on) => layer.receive(message, on),
    onFault: (fault) => {
      throw new Error(fault.why)
    },
    onClosed: (on) => layer.flowClosed(on),
  }
  const sent = () => flow.take().map((text) => firstLine(text))
  return {
    clock,
    flow,
    layer,
    requests,
    acks,
    strays,
    drops,
    closed,
    /** A request of the peer comes in. */
    receive: (text: RequestText = {}) => flow.receive(requestBytes(text)),
    /** The peer answers a request of ours. */
    answer: (request: SipRequest, status: number, more: Parameters<typeof responseBytes>[2] = {}) =>
      flow.receive(responseBytes(request, status, more)),
    /** What was sent since the last time: methods and statuses. */
    sent,
    /** The one request sent since the last time. */
    sentRequest: () => {
      const [text, ...others] = flow.take()
      if (text === undefined || others.length > 0) throw new Error(`${others.length + 1} messages were sent, or none`)
      return readRequest(text)
    },
    /** When, in milliseconds from now, something was sent, while so much time passes. */
    sentWithin: (ms: number) => {
      const begin = clock.now()
      const times: number[] = []
      flow.onSend = () => void times.push(clock.now() - begin)
      clock.advance(ms)
      flow.onSend = undefined
      return times
    },
    /** Nothing is left: no transaction, no timer. */
    isEmpty: () => layer.counts.server + layer.counts.client + clock.pending === 0,
  }
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\r\n')
  return line.startsWith('SIP/2.0 ') ? line.slice(8, 11) : (line.split(' ')[0] ?? '')
}

/** A client user that keeps what it is told. */
export function clientUser() {
  const told: (number | string)[] = []
  const user: ClientUser = {
    onResponse: (response) => void told.push(response.status),
    onFailed: (why) => void told.push(why),
  }
  return { ...user, told }
}
