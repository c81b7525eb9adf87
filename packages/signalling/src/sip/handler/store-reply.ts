import { TServerError } from '../../tserver/errors.ts'
import type { Reply } from '../message/message.ts'

/** What a peer is told when the store does not answer: to come back, here or to another node. Anything else is our own mistake, and thrown on. */
export function storeReply(error: unknown): Reply {
  if (!(error instanceof TServerError)) throw error
  return { status: 503, headers: [['Retry-After', '5']] }
}
