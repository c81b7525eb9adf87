/** UC AJAX as a load generator speaks it: ready strings, and answers read with searches; uc-ajax-api §2, §3. */
import { HttpConnection, type HttpReply } from '@ringdown/server/testing'
import { type Agent, dnOf, type Lane, loadPassword, type Tongue, userNameOf } from './tongue.ts'

const commandPath = '/cwa/MainCommandHandler.ashx'

/** Id of the generated contact centre, which is the host of its SIP URIs. */
const domain = 'load'

function post(path: string, headers: string, body: string): string {
  const head = `Host: 127.0.0.1\r\n${headers}Content-Type: text/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
  return `POST ${path} HTTP/1.1\r\n${head}\r\n${body}`
}

/** Requests within a session. */
function command({ headers, sid = 0 }: Pick<Agent, 'headers' | 'sid'>, inner: string): string {
  return post(commandPath, headers, `<cwaRequests sid="${sid}">${inner}</cwaRequests>`)
}

function accepted({ status, body }: HttpReply, what: string): string {
  if (status !== 200 || !body.includes('<requestAccepted '))
    throw new Error(`${what}: HTTP ${status} ${body.slice(0, 300)}`)
  return body
}

function found(text: string, pattern: RegExp, what: string): string {
  const [, group] = pattern.exec(text) ?? []
  if (group === undefined) throw new Error(`no ${what} in ${text.slice(0, 300)}`)
  return group
}

/** Agents sign in by UC AJAX alone; each pair's conversation begins with a text, as it has to. */
export const cwaTongue: Tongue = {
  bayeuxPath: '',
  channel: () => '',

  async login(connection, agent, port) {
    const logon = `<logon><user>${userNameOf(agent)}</user><password>${loadPassword}</password></logon>`
    const { head } = await connection.send(post('/forms/logon.html', '', `<cwaRequests>${logon}</cwaRequests>`))
    const headers = `CWA-Ticket: ${found(head, /\r\ncwa-ticket: *([^\r]+)/i, 'ticket')}\r\n`
    const open = await connection.send(command({ headers }, '<initiateSession rid="open"/>'))
    return { index: agent, port, headers, sid: Number(found(accepted(open, 'initiateSession'), /<sid>(\d+)</, 'sid')) }
  },

  async lanes(connection, caller, callee) {
    const to = `<uris><uri>sip:${dnOf(callee.index)}@${domain}</uri></uris>`
    const initiate = `<initiateImSession>${to}<message><content>hello</content></message></initiateImSession>`
    const conference = `<conference confId="0" rid="call">${initiate}</conference>`
    accepted(await connection.send(command(caller, conference)), 'initiateImSession')
    const lane = (sender: Agent): Lane => ({
      sender: sender.index,
      port: sender.port,
      // The peer is told the text, the sender that it was accepted.
      expected: 2,
      // Both have had no conversation before, so this is their first.
      request: (text, number) =>
        command(
          sender,
          `<conference confId="1" rid="${number}"><sendMessage><content>${text}</content></sendMessage></conference>`,
        ),
      accepts: (body) => body.includes('<requestAccepted '),
    })
    return [lane(caller), lane(callee)]
  },
}

/** Told of what a client hears. */
export interface CwaHears {
  onText: (text: string, bytes: number) => void
  onPoll: (bytes: number) => void
  onFault: (reason: string) => void
}

const interesting =
  /<conference [^>]*><messageReceived .*?<content>(#[^<]*)<.*?<\/conference>|<requestSucceeded [^>]*rid="(\d+)"\/>/g

/** A client that polls over a connection of its own, waiting in between as long as it is told, or not at all. */
export class CwaPoller {
  readonly #agent: Agent
  readonly #waits: boolean
  readonly #hears: CwaHears
  readonly #connection: HttpConnection
  #timer: NodeJS.Timeout | undefined
  #ackId = '0'
  #closed = false

  constructor(agent: Agent, waits: boolean, hears: CwaHears) {
    this.#agent = agent
    this.#waits = waits
    this.#hears = hears
    this.#connection = new HttpConnection(agent.port)
    this.#poll()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#connection.close()
  }

  #poll(): void {
    const { headers, sid } = this.#agent
    const path = `/cwa/AsyncDataChannel.ashx?Sid=${sid}&AckId=${this.#ackId}&UA=false`
    this.#connection
      .send(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n`)
      .then((reply) => this.#heard(reply))
      .catch((error: Error) => {
        if (!this.#closed) this.#hears.onFault(error.message)
      })
  }

  #heard({ status, head, body }: HttpReply): void {
    if (status !== 200) throw new Error(`HTTP ${status} ${body.slice(0, 200)}`)
    this.#hears.onPoll(head.length + 4 + body.length)
    const root = body.slice(0, body.indexOf('>') + 1)
    this.#ackId = found(root, / ackId="(\d+)"/, 'ackId')
    for (const [event, text, rid] of body.matchAll(interesting)) this.#hears.onText(text ?? `#${rid}#`, event.length)
    const wait = this.#waits ? Number(found(root, / pollWaitTime="(\d+)"/, 'pollWaitTime')) : 0
    if (this.#closed) return
    if (wait > 0) this.#timer = setTimeout(() => this.#poll(), wait)
    else this.#poll()
  }
}
