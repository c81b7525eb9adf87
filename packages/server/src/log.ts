import { type DestinationStream, type LogFn, type Logger, pino } from 'pino'

export type Log = Logger

/** Levels whose lines are counted. */
export const logLevels = ['warn', 'error'] as const
/** Lines since the start. */
export type LogLines = Record<(typeof logLevels)[number], number>

const counted = Symbol('lines of the log')

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
    hooks: {
      logMethod(this: Logger, line: Parameters<LogFn>, write: LogFn, number: number) {
        if (number >= warnNumber) lines[number >= errorNumber ? 'error' : 'warn']++
        write.apply(this, line)
      },
    },
  }
  const lines: LogLines = { warn: 0, error: 0 }
  const log = destination ? pino(options, destination) : pino(options)
  // Children inherit it.
  return Object.assign(log, { [counted]: lines })
}

const warnNumber = pino.levels.values.warn ?? 40
const errorNumber = pino.levels.values.error ?? 50

/** How many lines a log of ours, and its children, have written since the start. */
export const linesOf = (log: Log & { [counted]?: LogLines }): LogLines => log[counted] ?? { warn: 0, error: 0 }

// The query is left out: by callback-polling it carries whole Bayeux messages.
function requestLine({ method, url, ip }: LoggedRequest) {
  return { method, path: url?.split('?', 1)[0], ip }
}
