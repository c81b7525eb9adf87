import { createHash } from 'node:crypto'
import type { Clock, DNumber, SipLeg, SipPort, ToldUndelivered, UndeliveredText } from '@ringdown/signalling'
import { notDeliveredBody, receiptBody } from './bodies.ts'
import { recordOf } from './locate.ts'
import type { PagerQueue } from './pager-queue.ts'
import { absent, passing } from './pager-way.ts'
import type { Located } from './way.ts'

export interface TellUndeliveredDeps {
  node: string
  clock: Clock
  sip: SipPort
  /** The host part of our own URIs. */
  domain: string
  locate: (dn: DNumber, sip: SipLeg) => Promise<Located>
  queue: PagerQueue
}

/** What a sender reads; their text may be a day old. */
const reason = 'nobody was there to read it in time'

/**
 * Tells the sender of a text that has left a mailbox that nobody has read it: by IMDN where it asked for one, else by a text. Rejects where
 * the store does not answer, or the SIP stack is closed. SPEC BR-19, LG-10.
 */
export async function tellUndelivered(deps: TellUndeliveredDeps, about: UndeliveredText): Promise<ToldUndelivered> {
  const { node, clock, sip, domain, locate, queue } = deps
  const { dn, from, uri, trunk, messageID, wants } = about
  const located = await locate(from, { owner: node, mode: 'pager', trunk, uri })
  if (located.where === 'elsewhere') return 'elsewhere'
  if (located.where === 'offline') return 'later'
  const ends = { from: recordOf(dn, domain), to: uri }
  const imdn = wants?.failed && wants.imdnID !== undefined
  const body = imdn ? receiptBody(wants.imdnID ?? '', 'failed', ends, clock.now()) : notDeliveredBody(reason)
  for (const to of located.destinations) {
    const { status } = await queue.run(to.uri, () =>
      sip.request({
        method: 'MESSAGE',
        to,
        from: `<${ends.from}>`,
        toHeader: `<${uri}>`,
        // The same from whatever node: an endpoint that has it knows it again.
        callID: createHash('sha256').update(`${dn} ${from} ${messageID}`).digest('hex'),
        cseq: 1,
        contentType: body.contentType,
        body: body.bytes,
        ...(located.credentials && { credentials: located.credentials }),
      }),
    )
    // Whoever refuses it now refuses it later.
    if (!passing.has(status) && !absent.has(status)) return 'told'
  }
  return 'later'
}
