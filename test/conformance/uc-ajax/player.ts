import { expect } from 'vitest'
import { compare, type Exchange, fill, type Step } from './exchange.ts'
import { HttpClient, type HttpReply, type HttpRequest, header } from './http.ts'
import { openSite, type Site, users } from './site.ts'
import { find, readStrictly } from './strict-xml.ts'

/** One session of somebody; `alice2` is Alice's second one. */
interface Actor {
  user: string
  sid: string
  ackId: string
  ticket: string | undefined
}

/** Plays an exchange against an engine of its own, or the one that is given and stays open. */
export async function play(exchange: Exchange, given?: Site): Promise<void> {
  const site = given ?? (await openSite(exchange.options, exchange.site))
  const player = new Player(site)
  try {
    for (const what of exchange.given) await player.given(what)
    for (const step of exchange.steps) await player.step(step, `${exchange.at.split(':')[0]}:${step.line}`)
    player.done()
  } finally {
    if (given) await player.everybodyLeaves()
    player.close()
    if (!given) await site.close()
  }
}

class Player {
  readonly #site: Site
  readonly #nodes: readonly HttpClient[]
  #sent = 0
  readonly #actors = new Map<string, Actor>()
  readonly #learnt = new Map<string, string>()
  /** The answer nobody has looked at yet, and who got it. */
  #reply: { reply: HttpReply; actor: Actor; ticket: string | undefined } | undefined
  #before: unknown

  constructor(site: Site) {
    this.#site = site
    this.#nodes = site.addresses.map((address) => new HttpClient(address))
  }

  /** A name: they have signed in and read what a new session is told. `ringing`, `talking`: Alice has invited Bob, he has accepted. */
  async given(what: string): Promise<void> {
    if (what !== 'ringing' && what !== 'talking') return this.#signsIn(what)
    for (const name of ['alice', 'bob']) await this.#signsIn(name)
    await this.#accepted('alice', invitation)
    for (const name of ['alice', 'bob']) await this.#catchesUp(name)
    if (what === 'ringing') return
    await this.#accepted('bob', '<conference confId="1" rid="2"><acceptImSession/></conference>')
    for (const name of ['alice', 'bob']) await this.#catchesUp(name)
  }

  async step(step: Step, at: string): Promise<void> {
    try {
      await this.#take(step)
    } catch (error) {
      if (error instanceof Error) error.message = `${at} '${step.does}': ${error.message}`
      throw error
    }
  }

  done(): void {
    if (this.#reply) throw new Error(`nobody looked at the last answer: ${this.#reply.reply.body}`)
  }

  /** So that whoever plays next finds nobody. */
  async everybodyLeaves(): Promise<void> {
    for (const { sid, ticket } of this.#actors.values()) {
      const body = `<cwaRequests sid="${sid}"><terminateSession rid="bye"/></cwaRequests>`
      const headers = { ...xmlType, ...ticketOf(ticket) }
      await this.#ask({ method: 'POST', path: '/cwa/MainCommandHandler.ashx', body, headers })
    }
  }

  close(): void {
    for (const node of this.#nodes) node.close()
  }

  async #take(step: Step): Promise<void> {
    const [who = '', does = '', ...words] = step.does.split(' ')
    if (/^\d{3}$/.test(step.does)) return this.#answers(Number(who), step)
    this.done()
    if (step.does === 'nothing changed') return expect(await this.#site.state()).toEqual(this.#before)
    if (step.does.endsWith(' s pass')) return this.#site.pass(Number(who))
    const [, times, repeated] = /^(\d+) times (.+)$/.exec(step.does) ?? []
    if (repeated !== undefined) {
      for (let i = 0; i < Number(times); i++) await this.#take({ ...step, does: repeated })
      return
    }
    this.#before = await this.#site.state()
    switch (does) {
      case 'posts':
        return this.#sends(who, 'POST', words[1] ?? '/cwa/MainCommandHandler.ashx', step)
      case 'polls':
        return this.#sends(
          who,
          'GET',
          `/cwa/AsyncDataChannel.ashx?${words[0] ?? 'Sid={sid}&AckId={ackId}&UA=true'}`,
          step,
        )
      case 'requests':
        return this.#sends(who, words[0] ?? '', words[1] ?? '', step)
      case 'signs':
        return this.#signsIn(who)
      case 'catches':
        return this.#catchesUp(who)
      case 'elsewhere':
        return this.#elsewhere(who, words)
      default:
        throw new Error('nobody knows what that is')
    }
  }

  async #elsewhere(who: string, [does = '', ...words]: readonly string[]): Promise<void> {
    const what = words.join(' ')
    switch (does) {
      case 'logs':
        return this.#site.elsewhere(who, 'logsIn', '')
      case 'says':
        return this.#site.elsewhere(who, does, fill(what, new Map()).toString())
      case 'calls':
      case 'answers':
      case 'releases':
        return this.#site.elsewhere(who, does, what)
      default:
        throw new Error('nobody knows what that is')
    }
  }

  /** Each request goes to the next node: any of them serves any request. */
  #ask(request: HttpRequest): Promise<HttpReply> {
    const node = this.#nodes[this.#sent++ % this.#nodes.length]
    if (!node) throw new Error('a site without a node')
    return node.send(request)
  }

  async #signsIn(name: string): Promise<void> {
    const actor = this.#actor(name)
    const logon = `<cwaRequests><logon><user>${actor.user}</user><password>secret</password></logon></cwaRequests>`
    const loggedOn = await this.#ask({ method: 'POST', path: '/forms/logon.html', body: logon, headers: xmlType })
    actor.ticket = header(loggedOn, 'CWA-Ticket')
    const opened = await this.#accepted(name, '<initiateSession rid="1"/>')
    actor.sid = /<sid>(\d+)<\/sid>/.exec(opened)?.[1] ?? ''
    actor.ackId = '0'
    await this.#catchesUp(name)
  }

  async #catchesUp(name: string): Promise<void> {
    const { sid, ackId, ticket } = this.#actor(name)
    const path = `/cwa/AsyncDataChannel.ashx?Sid=${sid}&AckId=${ackId}&UA=true`
    const reply = await this.#ask({ method: 'GET', path, headers: ticketOf(ticket) })
    if (reply.status !== 200) throw new Error(`${name} polls and gets ${reply.status}: ${reply.body}`)
    this.#heed(this.#actor(name), reply)
  }

  async #accepted(name: string, request: string): Promise<string> {
    const { sid, ticket } = this.#actor(name)
    const body = `<cwaRequests sid="${sid}">${request}</cwaRequests>`
    const headers = { ...xmlType, ...ticketOf(ticket) }
    const reply = await this.#ask({ method: 'POST', path: '/cwa/MainCommandHandler.ashx', body, headers })
    if (!reply.body.includes('<requestAccepted')) throw new Error(`${request}: ${reply.status} ${reply.body}`)
    return reply.body
  }

  async #sends(name: string, method: string, path: string, { body, more }: Step): Promise<void> {
    const actor = this.#actor(name)
    const known = this.#known(actor)
    const headers: Record<string, string> = { ...(method === 'POST' && xmlType), ...ticketOf(actor.ticket) }
    let encoding: BufferEncoding = 'utf8'
    for (const line of more) {
      const [, header, value] = /^([\w-]+): (.*)$/.exec(line) ?? []
      if (header !== undefined) headers[header] = fill(value ?? '', known).toString()
      else if (line === 'no ticket') delete headers['CWA-Ticket']
      else if (line === 'no content type') delete headers['Content-Type']
      else if (line.startsWith('in ')) encoding = line.slice(3) as BufferEncoding
      else if (line !== 'as it stands') throw new Error(`what is '${line}'?`)
    }
    const sent = { method, path: fill(path, known).toString(), headers }
    const withBody = method === 'POST' || body !== ''
    const reply = await this.#ask({ ...sent, ...(withBody && { body: fill(body, known, encoding) }) })
    this.#reply = { reply, actor, ticket: headers['CWA-Ticket'] }
  }

  #answers(status: number, { body, more }: Step): void {
    if (!this.#reply) throw new Error('nothing was asked')
    const { reply, actor, ticket } = this.#reply
    this.#reply = undefined
    expect([reply.status, reply.body]).toEqual([status, expect.any(String)])
    const renewed = header(reply, 'CWA-Ticket')
    wellMade(reply)
    for (const line of more) {
      if (line === 'no ticket') expect(renewed).toBeUndefined()
      else {
        const [, name = '', value = ''] = /^([\w-]+): (.*)$/.exec(line) ?? []
        const got = name === 'CWA-Ticket' ? renewed : anyCase(reply, name)
        const compared = compare(value, got ?? '', this.#known(actor))
        if (!('learnt' in compared)) expect(`${name}: ${got}`).toBe(`${name}: ${compared.expected}`)
        else this.#learn(actor, compared.learnt)
      }
    }
    if (ticket !== undefined && !more.includes('no ticket')) expect(renewed).toBeDefined()
    const compared = compare(body, reply.body, this.#known(actor))
    if (!('learnt' in compared)) expect(reply.body).toBe(compared.expected)
    else this.#learn(actor, compared.learnt)
    this.#heed(actor, reply)
  }

  #learn(actor: Actor, learnt: ReadonlyMap<string, string>): void {
    for (const [name, value] of learnt) {
      if (name === 'sid' || name === 'ticket') actor[name] = value
      else this.#learnt.set(name, value)
    }
  }

  /** What every client does with an answer: it acknowledges the events that it brought. */
  #heed(actor: Actor, reply: HttpReply): void {
    if (reply.status !== 200) return
    const root = readStrictly(reply.body)
    if (root.name === 'cwaEvents' && root.attributes.sid === actor.sid) actor.ackId = root.attributes.ackId ?? ''
  }

  #actor(name: string): Actor {
    const user = name.replace(/\d$/, '')
    if (!users.includes(user)) throw new Error(`who is ${name}?`)
    const actor = this.#actors.get(name) ?? { user, sid: '0', ackId: '0', ticket: undefined }
    this.#actors.set(name, actor)
    return actor
  }

  #known(acting: Actor): ReadonlyMap<string, string> {
    const of = (prefix: string, { sid, ackId, ticket }: Actor): [string, string][] => [
      [`${prefix}sid`, sid],
      [`${prefix}ackId`, ackId],
      [`${prefix}ticket`, ticket ?? ''],
    ]
    const everybody = [...this.#actors].flatMap(([name, actor]) => of(`${name}.`, actor))
    return new Map([...everybody, ...of('', acting), ...this.#learnt, ['ns', namespace]])
  }
}

const namespace = 'xmlns="http://schemas.microsoft.com/2006/09/rtc/cwa"'
const xmlType = { 'Content-Type': 'text/xml' }
const invitation =
  '<conference confId="0" rid="2"><initiateImSession><uris><uri>sip:bob@example.com</uri></uris>' +
  '<message><format>text/plain</format><content>Can we talk?</content></message>' +
  '<subject>Plans</subject></initiateImSession></conference>'

function ticketOf(ticket: string | undefined): Record<string, string> {
  return ticket === undefined ? {} : { 'CWA-Ticket': ticket }
}

function anyCase({ headers }: HttpReply, name: string): string | undefined {
  return headers.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1]
}

// uc-ajax-api §1.2, §1.4: whatever is wrong, the answer is XML that every client can read, and nobody keeps it.
function wellMade(reply: HttpReply): void {
  const root = readStrictly(reply.body)
  expect(anyCase(reply, 'content-type')).toBe('text/xml; charset=utf-8')
  expect(anyCase(reply, 'cache-control')).toBe('no-store')
  expect(['cwaResponses', 'cwaEvents']).toContain(root.name)
  expect(find(root, 'cwaEvents')).toBeUndefined()
  if (root.name === 'cwaEvents')
    for (const event of root.children) if (event.name === 'conference') expect(event.children).toHaveLength(1)
}
