import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

/** What a request shows of itself to the serializer, as fastify hands it over. */
interface LoggedRequest {
  method?: string
  url?: string
  ip?: string
}

// Whatever carries a credential, a text or user data by these names is cut out, in case some line hands over a whole object.
const secretKeys = [
  'password',
  'passwordHash',
  'authorization',
  'cookie',
  'token',
  'csrfToken',
  'userData',
  'body',
  'text',
]

/**
 * The log of one node: JSON, one object a line. Texts of messages are constant; values are fields. Children are bound to
 * `callUUID`, `thisDN` or `centre`. SPEC SV-20.
 */
export function createLog(level: string, node: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: { node },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[hidden]' },
    serializers: { req: requestLine, err: pino.stdSerializers.err },
  }
  return destination ? pino(options, destination) : pino(options)
}

// The query is left out: by callback-polling it carries whole Bayeux messages.
function requestLine({ method, url, ip }: LoggedRequest) {
  return { method, path: url?.split('?', 1)[0], ip }
}
