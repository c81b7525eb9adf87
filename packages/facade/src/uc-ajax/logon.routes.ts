import type { FastifyPluginAsync } from 'fastify'
import type { Logins, Refusal } from '../login/logins.ts'
import type { Centre, Who } from '../login.ts'
import type { Addresses } from './addresses.ts'
import { CwaError } from './error.ts'
import { giveTicket, requestsOf } from './http-body.ts'
import { sendXml } from './http-errors.ts'
import type { UcAjaxOptions } from './options.ts'
import { printResponses } from './print.ts'
import type { CwaAnswer, CwaRequest } from './request.ts'
import type { Tickets } from './tickets.ts'

export interface LogonDeps {
  centres: readonly Pick<Centre, 'id'>[]
  logins: Pick<Logins, 'verify'>
  tickets: Pick<Tickets, 'issue'>
  addresses: (centre: Centre) => Pick<Addresses, 'ofPerson'>
  options: Pick<UcAjaxOptions, 'domain' | 'namespace' | 'strict'>
  /** A sign-in was refused; the reason is one of a few words. */
  onRefused: (reason: string) => void
}

/** Signing in with user name and password, uc-ajax-api §2.1: the first `logon` of a body is answered. */
export const logonRoutes =
  (deps: LogonDeps): FastifyPluginAsync =>
  async (app) => {
    app.post('/logon.html', { schema: { hide: true } }, async (request, reply) => {
      const { requests, unexpected } = requestsOf(request, 'logon', deps.options)
      const first = requests.find(({ request }) => request === 'logon')
      const answers: CwaAnswer[] = []
      for (const one of requests) {
        if (one !== first) answers.push(notAnswered(one))
        else if (one.request === 'logon') {
          const outcome = await logOn(deps, one, request.ip)
          if ('ticket' in outcome) giveTicket(reply, outcome.ticket)
          answers.push(outcome.answer)
        }
      }
      const processed = answers.filter(({ answer }) => answer !== 'requestInvalid').length
      return sendXml(reply, printResponses({ processed, unexpected, answers }, deps.options))
    })
  }

type Outcome = { answer: CwaAnswer } | { answer: CwaAnswer; ticket: string }

async function logOn(
  { centres, logins, tickets, addresses, options, onRefused }: LogonDeps,
  { user, password }: CwaRequest & { request: 'logon' },
  address: string,
): Promise<Outcome> {
  if (!user || !password)
    return refused('requestInvalid', new CwaError('InvalidRequest', 'user and password are needed'))
  const domains = { configured: options.domain, centres: centres.map(({ id }) => id) }
  const who: Who | Refusal = await logins.verify(userNames(user, domains), password, address)
  if ('refused' in who) {
    onRefused(who.refused)
    return refused('requestFailed', refusal(who))
  }
  try {
    const ticket = await tickets.issue(who.centre, who.person)
    return { answer: { answer: 'loggedOn', uri: addresses(who.centre).ofPerson(who.person), signInData }, ticket }
  } catch (error) {
    if (!(error instanceof CwaError)) throw error
    onRefused('tooManyTickets')
    return refused('requestFailed', error)
  }
}

/**
 * The user names that `domain\user`, `user@domain` or `user` may mean, the likeliest first. SPEC UC-41: a contact centre's id as the
 * domain means that contact centre only; any other domain is no more than a habit, unless the whole is a user name.
 */
export function userNames(
  given: string,
  { configured, centres }: { configured: string | null; centres: readonly string[] },
): readonly [string, ...string[]] {
  const slash = given.indexOf('\\')
  const at = given.lastIndexOf('@')
  const cut = slash < 0 ? at : slash
  const [left, right] = [given.slice(0, Math.max(cut, 0)), given.slice(cut + 1)]
  const [domain, user] = slash < 0 ? [right, left] : [left, right]
  if (domain === '' || user === '') return [given]
  const isDomain = (name: string) => name.toLowerCase() === domain.toLowerCase()
  const centre = centres.find(isDomain)
  if (centre === undefined || (configured !== null && isDomain(configured))) return [given, user]
  return centres.length === 1 ? [given, user] : [given, `${user}@${centre}`]
}

function refused(answer: 'requestInvalid' | 'requestFailed', { failure }: CwaError): Outcome {
  return { answer: { answer, failure } }
}

/** SPEC UC-40, WS-11: whoever it was, a wrong password has one answer; SIP would have said 403. */
function refusal({ refused, retryAfter = 0 }: Refusal): CwaError {
  switch (refused) {
    case 'tooManyAttempts': {
      const wait = `try again in ${Math.ceil(retryAfter / 1000)} s`
      return new CwaError('RequestThrottled', `There were too many wrong passwords; ${wait}`)
    }
    case 'tooManyRequests':
    case 'busy':
      return new CwaError('RequestThrottled', 'Too many sign-ins are being checked; try again')
    case 'noCredentials':
    case 'wrongCredentials':
    case 'sessionEnded':
      return new CwaError('OcsFailureResponse', 'The user name or the password is wrong', {
        sip: { code: 403, reason: 'Forbidden' },
      })
  }
}

function notAnswered(request: CwaRequest): CwaAnswer {
  if (request.request === 'invalid') {
    const { rid, failure } = request
    return { answer: 'requestInvalid', ...(rid !== undefined && { rid }), failure }
  }
  return { answer: 'requestInvalid', failure: new CwaError('InvalidRequest', 'One body signs one user in').failure }
}

/** Opaque for clients, who hand it back in `initiateSession`. What the real one says of a person's telephones, we have nothing to say. */
const signInData = Buffer.from(
  '<signInData><workPhone/><homePhone/><mobilePhone/><otherPhone/><office/></signInData>',
).toString('base64')
