import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Who } from '../login.ts'
import { giveTicket } from './http-body.ts'
import { CwaHttpError } from './http-errors.ts'
import type { TicketRefusal, Tickets, Verified } from './tickets.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What became of the request's ticket, on the channels of this facade. */
    cwaTicket: Verified | { refused: TicketRefusal } | undefined
  }
}

/** SPEC UC-45: looks at the ticket before anything else, so that every answer carries the valid one, refusals of any kind as well. */
export function lookAtTickets(app: FastifyInstance, tickets: Pick<Tickets, 'verify'>): void {
  app.decorateRequest('cwaTicket', undefined)
  app.addHook('onRequest', async (request, reply) => {
    const header = request.headers['cwa-ticket']
    const found = await tickets.verify(typeof header === 'string' ? header : undefined)
    request.cwaTicket = found
    if ('ticket' in found) giveTicket(reply, found.ticket)
  })
}

/** Refuses a request without a valid ticket, before its body is read: uc-ajax-api §1.9. */
export function demandTicket(onRefused: (reason: string) => void): (request: FastifyRequest) => Promise<void> {
  return async ({ cwaTicket }) => {
    if (!cwaTicket || 'ticket' in cwaTicket) return
    onRefused(cwaTicket.refused)
    throw new CwaHttpError(401, 'InvalidOperation', texts[cwaTicket.refused])
  }
}

/** Refuses a person who asks too much, before their body is read. SPEC SE-21. */
export function limitPerson(wait: (who: Who) => number, onRefused: (reason: string) => void) {
  return async ({ cwaTicket }: FastifyRequest): Promise<void> => {
    const waitMs = cwaTicket && 'ticket' in cwaTicket ? wait(cwaTicket) : 0
    if (waitMs === 0) return
    onRefused('tooManyRequests')
    const seconds = Math.ceil(waitMs / 1000)
    throw new CwaHttpError(429, 'RequestThrottled', `There were too many requests; try again in ${seconds} s`, {
      'retry-after': String(seconds),
    })
  }
}

/** Whose request it is, where a ticket was demanded. */
export function bearerOf({ cwaTicket }: FastifyRequest): Verified {
  if (!cwaTicket || 'refused' in cwaTicket) throw new Error('a route of this facade asks for no ticket')
  return cwaTicket
}

/** The same where there may be none. */
export function bearerIn({ cwaTicket }: FastifyRequest): Verified | undefined {
  return cwaTicket && 'ticket' in cwaTicket ? cwaTicket : undefined
}

const texts = {
  noTicket: 'CWA-Ticket is missing; sign in at /forms/logon.html',
  unknownTicket: 'The CWA-Ticket has expired or was never given out; sign in at /forms/logon.html',
  ticketEnded: 'The CWA-Ticket is good no more; sign in at /forms/logon.html',
} as const satisfies Record<TicketRefusal, string>
