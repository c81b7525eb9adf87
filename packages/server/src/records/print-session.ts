/** How a session is written down: as a line of JSON, and to be read. Pure. */
import type { Call, LogEntry } from '@ringdown/signalling'
import type { Failure } from './failures.ts'
import { agentAt, type People } from './people.ts'

/** A session and its contact centre. */
export interface SessionOf {
  centre: string
  call: Call
  people: People
}

/** A text, and whom it did not reach. */
export interface TextOf {
  entry: LogEntry
  failures: readonly Failure[]
}

/** The pieces of a session's form: what comes before its texts, each of them, what comes after. Put together they are whole. */
export interface Printer {
  begin(session: SessionOf): string
  text(session: SessionOf, text: TextOf, isFirst: boolean): string
  end(session: SessionOf): string
}

/** One object a line, `texts` at its end; keys always in this order. */
export const jsonLines: Printer = {
  begin({ centre, call, people }) {
    const { callUUID, callType, created, end, parties, userData } = call
    const head = {
      centre,
      session: callUUID,
      state: end ? 'ended' : 'living',
      callType,
      created: iso(created),
      ...(end && { ended: iso(end.at), why: end.why, endedBy: end.by }),
      ...(end?.sip && { sip: end.sip }),
      parties: parties.map(({ dn, role, leg, agent }) => {
        const named = agent === null ? undefined : people.get(agent)
        return {
          ...{ dn, role, leg, person: agent, agent: named?.userName ?? null },
          ...(named && named.name !== '' && { name: named.name }),
        }
      }),
      userData,
    }
    return `${JSON.stringify(head).slice(0, -1)},"texts":[`
  },
  text({ call, people }, { entry: { position, text }, failures }, isFirst) {
    const { messageID: id, from, sent, contentType: type, body, erased } = text
    const agent = agentAt(call, from)
    const printed = {
      ...{ position, id, from, agent: (agent && people.get(agent)?.userName) ?? null, time: iso(sent), type, body },
      ...(erased && { erased }),
      ...(failures.length > 0 && { failures: failures.map(({ from: by, ...why }) => ({ to: by, ...why })) }),
    }
    return `${isFirst ? '' : ','}${JSON.stringify(printed)}`
  },
  end: () => ']}\n',
}

/** For people to read. What could steer a terminal is shown as a dot. */
export const plainText: Printer = {
  begin({ centre, call, people }) {
    const { callUUID, created, end, parties, userData } = call
    const who = parties.map(({ dn, agent, role }) => {
      const named = agent === null ? undefined : people.get(agent)
      const name = [named?.userName ?? agent, named?.name && `(${named.name})`].filter((part) => part).join(' ')
      return `${dn}${name === '' ? '' : ` ${name}`}${role === 'Origination' ? ', who began it' : ''}`
    })
    const ended = end
      ? `${iso(end.at)}, ${end.why}${end.by === null ? '' : ` by ${end.by}`}${sipOf(end.sip)}`
      : 'not yet: the session lives'
    const data = Object.entries(userData).map(([key, value]) => `  ${key} = ${JSON.stringify(value)}`)
    const lines = [
      `Session ${callUUID} in ${centre}`,
      `  began  ${iso(created)}`,
      `  ended  ${ended}`,
      ...who.map((one) => `  with   ${one}`),
      ...(data.length > 0 ? ['  user data', ...data.map((line) => `  ${line}`)] : []),
    ]
    return `${lines.map(harmless).join('\n')}\n`
  },
  text({ call, people }, { entry: { position, text }, failures }) {
    const { from, sent, contentType, body } = text
    const agent = agentAt(call, from)
    const name = (agent && people.get(agent)?.userName) ?? from
    const kind = contentType.startsWith('text/plain') ? '' : ` [${contentType}]`
    const [first = '', ...more] = body.split(/\r\n|\r|\n/)
    const head = `${String(position).padStart(4)}  ${iso(sent)}  ${name}${kind}: `
    const lost = failures.map(({ from: by, status, reason }) => `did not reach ${by}${sipOf({ status, reason })}`)
    const lines = [head + first, ...[...more, ...lost].map((line) => ' '.repeat(6) + line)]
    return `${lines.map(harmless).join('\n')}\n`
  },
  end: () => '\n',
}

const iso = (at: number) => new Date(at).toISOString()

function sipOf(sip: { status?: number | undefined; reason?: string | undefined } | undefined): string {
  const said = [sip?.status, sip?.reason].filter((part) => part !== undefined && part !== '')
  return said.length > 0 ? ` (${said.join(' ')})` : ''
}

/** Texts come from strangers: an escape sequence among them must not reach a terminal, nor a sign that turns the writing round. */
function harmless(line: string): string {
  return line.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu, '·')
}
