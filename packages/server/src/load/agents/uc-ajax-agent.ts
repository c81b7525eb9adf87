/** UC AJAX as a load driver speaks it: ready strings, and answers read with searches; uc-ajax-api §2, §3. */
import { HttpConnection, type HttpReply } from '../http-connection.ts'
import { type HttpPool, type HttpTarget, hostOf } from '../http-pool.ts'
import type { Hears, LoadAgent } from './load-agent.ts'

export interface UcAjaxAgentOptions {
  target: HttpTarget
  pool: HttpPool
  userName: string
  password: string
  number: string
  hears: Hears
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const events =
  /<conference eid="(\d+)" confId="(\d+)">(.*?)<\/conference>|<requestFailed eid="(\d+)" rid="([^"]*)">(.*?)<\/requestFailed>/gs
const timeoutMs = 70_000
const retryMs = 500

/** A client that polls as often as it is told to. */
export class UcAjaxAgent implements LoadAgent {
  readonly number: string
  readonly opensWithText = true
  readonly canEnd = true
  readonly #options: UcAjaxAgentOptions
  readonly #polls: HttpConnection
  #ticket = ''
  #sid = 0
  #domain = ''
  #ackId = 0
  #confId: number | undefined
  #rid = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: UcAjaxAgentOptions) {
    this.#options = options
    this.number = options.number
    const { host, port, secure, ca } = options.target
    this.#polls = new HttpConnection(port, host, { secure, timeoutMs, ...(ca !== undefined && { ca }) })
  }

  get inSession(): boolean {
    return this.#confId !== undefined
  }

  async open(): Promise<void> {
    const { userName, password, pool } = this.#options
    const logon = `<logon><user>${escaped(userName)}</user><password>${escaped(password)}</password></logon>`
    const body = `<cwaRequests>${logon}</cwaRequests>`
    const { head, body: answer } = await pool.send(this.#post('/forms/logon.html', body))
    this.#ticket = /\r\ncwa-ticket: *([^\r]+)/i.exec(head)?.[1] ?? ''
    if (this.#ticket === '') throw new Error(`the sign-in was refused: ${reasonIn(answer)}`)
    const opened = await this.#command('<initiateSession rid="open"/>')
    const refusal = refusalIn(opened)
    if (refusal !== undefined) throw new Error(`the session was refused: ${refusal}`)
    this.#sid = Number(/<sid>(\d+)</.exec(opened.body)?.[1])
    this.#domain = /<uri>[^<@]*@([^<]+)</.exec(opened.body)?.[1] ?? ''
    this.#poll()
  }

  async begin(to: string, text: string, key: string): Promise<string | undefined> {
    const uris = `<uris><uri>sip:${encodeURIComponent(to)}@${this.#domain}</uri></uris>`
    const initiate = `<initiateImSession>${uris}<message><content>${escaped(text)}</content></message></initiateImSession>`
    return refusalIn(await this.#command(`<conference confId="0" rid="${key}">${initiate}</conference>`))
  }

  async say(_to: string, text: string, key: string): Promise<string | undefined> {
    if (this.#confId === undefined) return 'the session had ended'
    const message = `<sendMessage><content>${escaped(text)}</content></sendMessage>`
    return refusalIn(await this.#command(`<conference confId="${this.#confId}" rid="${key}">${message}</conference>`))
  }

  async end(): Promise<void> {
    if (this.#confId === undefined) return
    const request = `<conference confId="${this.#confId}" rid="end.${this.#rid++}"><terminateImSession/></conference>`
    const refusal = refusalIn(await this.#command(request))
    if (refusal !== undefined) throw new Error(refusal)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#polls.close()
    if (this.#sid > 0) await this.#command('<terminateSession rid="close"/>').catch(() => undefined)
  }

  #command(inner: string): Promise<HttpReply> {
    const { pool } = this.#options
    const body = `<cwaRequests sid="${this.#sid}">${inner}</cwaRequests>`
    return pool.send(this.#post('/cwa/MainCommandHandler.ashx', body))
  }

  #post(path: string, body: string): string {
    const ticket = this.#ticket === '' ? '' : `CWA-Ticket: ${this.#ticket}\r\n`
    // As references every character is ASCII, whatever the encoding.
    const ascii = body.replace(/[\u0080-\u{10ffff}]/gu, (c) => `&#${c.codePointAt(0)};`)
    const head = `Host: ${this.#options.pool.host}\r\n${ticket}Content-Type: text/xml\r\nContent-Length: ${ascii.length}\r\n`
    return `POST ${path} HTTP/1.1\r\n${head}\r\n${ascii}`
  }

  #poll(): void {
    const path = `/cwa/AsyncDataChannel.ashx?Sid=${this.#sid}&AckId=${this.#ackId}&UA=true`
    const head = `Host: ${hostOf(this.#options.target)}\r\nCWA-Ticket: ${this.#ticket}\r\n`
    this.#polls
      .send(`GET ${path} HTTP/1.1\r\n${head}\r\n`)
      .then((reply) => this.#again(this.#hear(reply)))
      .catch((error: Error) => {
        if (this.#closed) return
        this.#options.hears.onFault(`UC AJAX: ${error.message}`)
        this.#again(retryMs)
      })
  }

  #again(ms: number): void {
    if (this.#closed) return
    if (ms > 0) this.#timer = setTimeout(() => this.#poll(), ms)
    else this.#poll()
  }

  /** How long to wait before the next poll. */
  #hear({ status, head, body }: HttpReply): number {
    if (status !== 200) throw new Error(`a poll was answered HTTP ${status}, ${reasonIn(body)}`)
    this.#ticket = /\r\ncwa-ticket: *([^\r]+)/i.exec(head)?.[1] ?? this.#ticket
    const root = body.slice(0, body.indexOf('>') + 1)
    for (const [, eid, confId, event = '', failedEid, rid, failure = ''] of body.matchAll(events)) {
      // A poll that is repeated brings what it had brought.
      if (Number(eid ?? failedEid) <= this.#ackId) continue
      if (rid !== undefined) this.#options.hears.onUndelivered(rid, reasonIn(failure))
      else this.#onConference(Number(confId), event)
    }
    this.#ackId = Number(/ ackId="(\d+)"/.exec(root)?.[1] ?? this.#ackId)
    return Number(/ pollWaitTime="(\d+)"/.exec(root)?.[1] ?? 0)
  }

  #onConference(confId: number, event: string): void {
    const { hears } = this.#options
    const state = /^<imSessionState>(\w+)</.exec(event)?.[1]
    if (state === 'connected') this.#confId = confId
    if (state === 'terminated' && this.#confId === confId) this.#confId = undefined
    if (state === 'connected' || state === 'terminated') hears.onSession()
    const text = /^<(?:messageReceived|imSessionReceived)[ >].*<content>([^<]*)</s.exec(event)?.[1]
    if (text !== undefined) hears.onText(text)
  }
}

function refusalIn({ status, body }: HttpReply): string | undefined {
  return status === 200 && body.includes('<requestAccepted ') ? undefined : `HTTP ${status}, ${reasonIn(body)}`
}

/** The reason in an error element, or the beginning of what came instead. */
function reasonIn(body: string): string {
  const [, reason, detail] = /<error [^>]*reason="([^"]*)"(?: detail="([^"]*)")?/.exec(body) ?? []
  const sip = /<sipResponse [^>]*>/.exec(body)?.[0]
  return [reason ?? body.slice(0, 100), detail, sip].filter((part) => part).join(': ')
}
