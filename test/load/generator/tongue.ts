import { cookieLine, type HttpConnection, type HttpReply, httpRequest } from '@ringdown/server/testing'
import type { Crowd, Subject } from '../protocol.ts'

/** The one password of all generated agents. */
export const loadPassword = 'ringdown-load'
/** Names in the generated configuration. */
export const userNameOf = (agent: number): string => `agent${agent}`
export const dnOf = (agent: number): string => String(100_000 + agent)

/** An agent who is logged in. */
export interface Agent {
  index: number
  port: number
  /** Header lines that carry the login. */
  headers: string
  /** UC AJAX only: the session, and what its conversation is. */
  sid?: number
}

/** A way to send texts: from one agent, in one session. */
export interface Lane {
  sender: number
  port: number
  /** How many connected clients see each text. */
  expected: number
  /** The text that carries a number, as a request. */
  request: (text: string, number: number) => string
  /** Whether an answer of HTTP 200 says that it was accepted; where absent, `statusCode` 0 does. */
  accepts?: (body: string) => boolean
}

/** How one kind of server is spoken to. */
export interface Tongue {
  bayeuxPath: string
  channel: (agent: number) => string
  login: (connection: HttpConnection, agent: number, port: number) => Promise<Agent>
  /** The lanes of a pair; opens their session. */
  lanes: (connection: HttpConnection, caller: Agent, callee: Agent, crowd: Crowd) => Promise<Lane[]>
}

/** The header a server asks for on each change, web-services-api §1.3; '' where it asks for none. */
export function csrfLine(head: string): string {
  const name = /\r\nx-csrf-header: *([^\r]+)/i.exec(head)?.[1]
  const token = name && new RegExp(`\r\n${name}: *([^\r]+)`, 'i').exec(head)?.[1]
  return token ? `${name}: ${token}\r\n` : ''
}

/** Fails unless the server did what was asked; every server here says so with `statusCode: 0`. */
export function check(reply: HttpReply, what: string): void {
  if (reply.status !== 200 || !reply.body.includes('"statusCode":0'))
    throw new Error(`${what}: HTTP ${reply.status} ${reply.body.slice(0, 300)}`)
}

/** Clients that see a text of `sender`. */
function audience(crowd: Crowd, sender: Agent, peer: Agent): number {
  if (crowd.clients === 'all') return 2
  return crowd.clients === 'none' ? 0 : [sender, peer].filter((agent) => agent.index % 2 === 1).length
}

const ringdown: Tongue = {
  bayeuxPath: '/api/v2/notifications',
  channel: () => '/v2/me/im-sessions',

  async login(connection, agent, port) {
    const basic = Buffer.from(`${userNameOf(agent)}:${loadPassword}`).toString('base64')
    const me = await connection.send(httpRequest('GET', '/api/v2/me', `Authorization: Basic ${basic}\r\n`))
    check(me, 'GET /me')
    const headers = cookieLine(me.head) + csrfLine(me.head)
    const start = '{"operationName":"StartContactCenterSession","channels":["voice"]}'
    check(await connection.send(httpRequest('POST', '/api/v2/me', headers, start)), 'StartContactCenterSession')
    return { index: agent, port, headers }
  },

  async lanes(connection, caller, callee, crowd) {
    check(await connection.send(initiate(caller, callee)), 'InitiateIMSession')
    const list = await connection.send(httpRequest('GET', '/api/v2/me/im-sessions?fields=*', caller.headers))
    check(list, 'GET /me/im-sessions')
    const id = (JSON.parse(list.body) as { imSessions: { id: string }[] }).imSessions[0]?.id
    if (id === undefined) throw new Error('the session just opened is not listed')
    const lane = (sender: Agent, peer: Agent): Lane => ({
      sender: sender.index,
      port: sender.port,
      expected: audience(crowd, sender, peer),
      request: (text) =>
        httpRequest(
          'POST',
          `/api/v2/me/im-sessions/${id}`,
          sender.headers,
          `{"operationName":"SendMessage","text":"${text}","destination":{"phoneNumber":"${dnOf(peer.index)}"}}`,
        ),
    })
    return [lane(caller, callee), lane(callee, caller)]
  },
}

/** The request that opens a session. */
export function initiate(caller: Agent, callee: Agent): string {
  const body = `{"operationName":"InitiateIMSession","destination":{"phoneNumber":"${dnOf(callee.index)}"}}`
  return httpRequest('POST', '/api/v2/me/im-sessions', caller.headers, body)
}

/** The request that ends a session. */
export function complete(agent: Agent, session: string): string {
  return httpRequest('POST', `/api/v2/me/im-sessions/${session}`, agent.headers, '{"operationName":"Complete"}')
}

/** A server that only publishes: POST /publish to the private channels of one or two subscribers. */
function publisher(bayeuxPath: string): Tongue {
  const channel = (agent: number) => `/agent/${agent}`
  return {
    bayeuxPath,
    channel,
    login: async (_connection, agent, port) => ({ index: agent, port, headers: '' }),
    async lanes(_connection, caller, callee, crowd) {
      const lane = (sender: Agent, peer: Agent): Lane => {
        const to = [peer, sender].slice(0, crowd.fanOut)
        const channels = JSON.stringify(to.map((agent) => channel(agent.index)))
        return {
          sender: sender.index,
          port: sender.port,
          expected: to.length,
          request: (text) =>
            httpRequest(
              'POST',
              '/publish',
              '',
              `{"operationName":"SendMessage","text":"${text}","channels":${channels}}`,
            ),
        }
      }
      return [lane(caller, callee), lane(callee, caller)]
    },
  }
}

export const tongues: Record<Subject, Tongue> = {
  ringdown,
  faye: publisher('/bayeux'),
  'cometd-nodejs-server': publisher('/cometd'),
}
