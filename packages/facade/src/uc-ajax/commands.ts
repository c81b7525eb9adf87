/** What the requests of a POST do, uc-ajax-api §2 and §3. */
import type { Clock } from '@ringdown/signalling'
import type { Centre, Who } from '../login.ts'
import { agentState } from '../web-services/contact-centre-session.ts'
import type { Addresses } from './addresses.ts'
import { type Asking, conference, tell, unlessOver } from './conference.ts'
import { CwaError } from './error.ts'
import type { UcAjaxOptions } from './options.ts'
import { logIn } from './own-device.ts'
import { agentOperation, presencesOf } from './presence.ts'
import { failureOf } from './refusals.ts'
import type { CwaAnswer, CwaRequest, CwaRequests, CwaResponses } from './request.ts'
import type { CwaSessions } from './sessions.ts'

export interface CommandsDeps {
  sessions: CwaSessions
  addresses: (centre: Centre) => Addresses
  options: Pick<UcAjaxOptions, 'pollWaitMs' | 'inviteAgain'>
  clock: Pick<Clock, 'now'>
}

type Ridden = Exclude<CwaRequest, { request: 'logon' | 'invalid' }>
type InSession = Exclude<Ridden, { request: 'initiateSession' }>

/** Carries out requests, one after the other. */
export class Commands {
  readonly #deps: CommandsDeps

  constructor(deps: CommandsDeps) {
    this.#deps = deps
  }

  /**
   * Answers all requests of a body, in their order. Rejects with TServerError where the store did not answer: what was asked may have
   * been done, and is not done again when the same body comes once more.
   */
  async answer({ sid, requests, unexpected }: CwaRequests, who: Who): Promise<CwaResponses> {
    const answers: CwaAnswer[] = []
    let processed = 0
    // A body may begin with initiateSession; what follows it is for the new session.
    let named = sid
    for (const request of requests) {
      if (request.request === 'invalid' || request.request === 'logon') {
        answers.push(unreadable(request))
        continue
      }
      const answer = await this.#answerOne(request, named, who)
      if (answer.answer === 'initiateSessionAccepted') named = answer.sid
      if (answer.answer !== 'requestInvalid') processed++
      answers.push(answer)
    }
    return { processed, unexpected, answers }
  }

  async #answerOne(request: Ridden, sid: number, who: Who): Promise<CwaAnswer> {
    const { rid } = request
    try {
      if (request.request === 'initiateSession') return await this.#open(request, who)
      const session = await this.#deps.sessions.find(who.centre, who.person.id, sid)
      if (!session) throw new CwaError('SessionNotFound', `There is no session ${sid}; send initiateSession`)
      session.touch()
      if (tells.has(request.request)) await throttle(who)
      const { addresses, clock, options } = this.#deps
      const asking = {
        who,
        session,
        addresses: addresses(who.centre),
        inviteAgain: options.inviteAgain,
        now: () => clock.now(),
      }
      return await this.#within(asking, request)
    } catch (error) {
      const failure = failureOf(error)
      if (!failure) throw error
      return { answer: failure.code === 'InvalidRequest' ? 'requestInvalid' : 'requestFailed', rid, failure }
    }
  }

  async #within(asking: Asking, request: InSession): Promise<CwaAnswer> {
    const { rid } = request
    switch (request.request) {
      case 'terminateSession':
        await this.#close(asking)
        break
      case 'queryPresence':
      case 'subscribePresence': {
        const { centre } = asking.who
        const presences = await presencesOf(centre, asking.addresses, request.uris)
        await tell(asking, { news: 'succeeded', rid, presences })
        break
      }
      case 'publishSelfPresence':
        await publish(asking.who, request.availability)
        await tell(asking, { news: 'succeeded', rid })
        break
      case 'ignored':
        await tell(asking, { news: 'succeeded', rid })
        break
      default:
        return conference(asking, request)
    }
    return { answer: 'requestAccepted', rid }
  }

  /** SPEC UC-80: signing in is logging in at one's place, where one is not logged in already. */
  async #open({ rid, debug, availability }: Ridden & { request: 'initiateSession' }, who: Who): Promise<CwaAnswer> {
    const { centre, person } = who
    await publish(who, availability)
    const logInReady = async () => {
      await logIn(who)
      // Who signs in is there, unless they say something else.
      await publish(who, availability ?? online)
    }
    const isAgent = person.roles.some((role) => role === 'agent' || role === 'supervisor')
    const { sid } = await this.#deps.sessions.open(centre, person, {
      rid,
      debug,
      ...(isAgent && { logIn: logInReady }),
    })
    const uri = this.#deps.addresses(centre).ofPerson(person)
    return { answer: 'initiateSessionAccepted', rid, sid, uri, pollWaitMs: this.#deps.options.pollWaitMs }
  }

  /** SPEC UC-81: what the session holds is released first, uc-ajax-api §2.3. */
  async #close({ who: { centre, person }, session }: Asking): Promise<void> {
    const { talk } = await session.current()
    if (talk?.held && !talk.elsewhere) {
      const { callUUID, dn: thisDN } = talk
      await unlessOver(centre.tserver.request({ request: 'TReleaseCall', person: person.id, callUUID, thisDN }))
    }
    await this.#deps.sessions.end(session)
  }
}

const online = 3500

/** What puts more into feeds, with nothing else to bound it, than a client may have use for. */
const tells = new Set<CwaRequest['request']>([
  'initiateImSession',
  'inviteParticipants',
  'notifyComposing',
  'queryPresence',
  'subscribePresence',
  'publishSelfPresence',
  'ignored',
])
const minuteMs = 60_000
/** Of these requests of one person, in a minute. */
const mostTold = 600

/** SPEC UC-93: what one client tells must not drive out of the feed what the person's others have not read. */
async function throttle({ centre, person }: Who): Promise<void> {
  const count = await centre.store.count('cwaPerson', `${person.id} told`, minuteMs)
  if (count > mostTold)
    throw new CwaError('RequestThrottled', `More than ${mostTold} such requests in a minute; send it again in a minute`)
}

/** Puts the agent into the state that an availability stands for; nobody who is not logged in has one. */
async function publish(who: Who, availability: number | undefined): Promise<void> {
  const operation = availability === undefined ? undefined : agentOperation(availability)
  if (operation === undefined) return
  const { dns } = await who.centre.tserver.agent(who.person.id)
  if (dns.length > 0) await agentState(who, operation)
}

function unreadable(request: CwaRequest & { request: 'logon' | 'invalid' }): CwaAnswer {
  if (request.request === 'invalid')
    return {
      answer: 'requestInvalid',
      ...(request.rid !== undefined && { rid: request.rid }),
      failure: request.failure,
    }
  return {
    answer: 'requestInvalid',
    failure: new CwaError('InvalidRequest', 'logon is answered at /forms/logon.html').failure,
  }
}
