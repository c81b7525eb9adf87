import { type Accepted, type TRequest, type TServer, TServerError } from '@ringdown/signalling'
import type { Log } from './log.ts'

// What begins and ends something; the rest is told at debug.
const lifeEvents = new Set<TRequest['request']>([
  'TAgentLogin',
  'TAgentLogout',
  'TMakeCall',
  'TAnswerCall',
  'TReleaseCall',
])

/** The same T-Server, with every request in the log by DN and CallUUID, never what it carries. SPEC SV-23. */
export function loggedTServer(tserver: TServer, log: Log): TServer {
  return {
    ...tserver,
    request(request) {
      const answer = tserver.request(request)
      answer.then(
        (accepted) => logAccepted(log, request, accepted),
        (error: unknown) => logRefused(log, request, error),
      )
      return answer
    },
  }
}

function logAccepted(log: Log, request: TRequest, { callUUID, text }: Accepted): void {
  const level = lifeEvents.has(request.request) ? 'info' : 'debug'
  if (!log.isLevelEnabled(level)) return
  const fields = { ...bound(request), ...(callUUID && { callUUID }), ...(text && { position: text.position }) }
  log[level](fields, 'request accepted')
}

function logRefused(log: Log, request: TRequest, error: unknown): void {
  if (!(error instanceof TServerError)) {
    log.error({ ...bound(request), err: error }, 'request failed')
    return
  }
  // The text of a refusal may name what the client sent.
  const { reason, code } = error
  const isOurs = reason === 'TERR_NO_SWITCH' || reason === 'TERR_TIMEOUT' || reason === 'TERR_RES_UNAVAIL'
  log[isOurs ? 'warn' : 'info']({ ...bound(request), reason, code }, 'request refused')
}

function bound(request: TRequest) {
  const { request: name, person } = request
  const thisDN = 'thisDN' in request ? request.thisDN : undefined
  return {
    request: name,
    person,
    ...(thisDN !== undefined && { thisDN }),
    ...('otherDN' in request && { otherDN: request.otherDN }),
    ...('callUUID' in request && { callUUID: request.callUUID }),
  }
}
