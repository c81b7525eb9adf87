import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ClientOptions, Failed, Malformed, NoAnswer, Refused, type SeenEvent, UcAjaxClient } from './client.ts'
import { openSite, type Site } from './site.ts'
import { documented, thirdParty } from './style.ts'

const styles = { thirdParty, documented }

describe('against the engine', () => {
  let site: Site
  const clients: UcAjaxClient[] = []

  async function signIn(user: string, more: Partial<ClientOptions> = {}): Promise<UcAjaxClient> {
    const address = site.addresses[0] ?? ''
    const client = await UcAjaxClient.signIn({ address, user: `example\\${user}`, password: 'secret', ...more })
    clients.push(client)
    return client
  }

  beforeEach(async () => {
    site = await openSite()
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
    await site.close()
  })

  for (const [name, style] of Object.entries(styles))
    test(`a conversation as a ${name} client has it`, async () => {
      const [alice, bob] = [await signIn('alice', { style }), await signIn('bob', { style })]
      expect(alice.uri).toBe('sip:alice@example.com')
      await alice.poll()
      await bob.poll()

      const begun = await alice.initiate('sip:bob@example.com', 'Can we talk?', { subject: 'Plans & <more>' })
      const invited = await bob.sees(is('imSessionReceived'))
      expect(invited).toMatchObject({
        inviter: { uri: 'sip:alice@example.com', name: 'Alice' },
        subject: 'Plans & <more>',
        content: 'Can we talk?',
      })
      const accepted = await bob.accept(invited.confId)
      await bob.outcome(accepted)
      await alice.outcome(begun.rid)

      const text = 'Yes & <no>\r\n\t]]> "\u{1f600}"'
      await alice.outcome(await alice.send(begun.confId, text))
      expect(await bob.sees(is('messageReceived'))).toMatchObject({ sender: 'sip:alice@example.com', content: text })
      await bob.outcome(await bob.composing(invited.confId))
      expect(await alice.sees(is('composingState'))).toMatchObject({ state: 'composing' })

      await alice.outcome(await alice.terminate(begun.confId))
      expect(await bob.sees(is('participantRemoved'))).toMatchObject({ uri: 'sip:alice@example.com' })
      await alice.signOut()
      await bob.signOut()
      expect(alice.seen.map(({ eid }) => eid)).toEqual(alice.seen.map((_, i) => i + 1))
    })

  test('a client that polls by itself is told every event once, in order', async () => {
    const [alice, bob] = [await signIn('alice', { pace: 0.01 }), await signIn('bob', { pace: 0.01 })]
    const told: SeenEvent[] = []
    bob.start({ onEvent: (event) => told.push(event) })
    alice.start()
    const { confId, rid } = await alice.initiate('sip:bob@example.com', 'text 0')
    await bob.accept((await bob.sees(is('imSessionReceived'))).confId)
    await alice.outcome(rid)
    for (let i = 1; i <= 20; i++) await alice.send(confId, `text ${i}`)
    await bob.sees((event) => event.event === 'messageReceived' && event.content === 'text 20')
    await bob.stop()
    const texts = told.flatMap((event) => ('content' in event ? [event.content] : []))
    expect(texts).toEqual(Array.from({ length: 21 }, (_, i) => `text ${i}`))
    expect(told.map(({ eid }) => eid)).toEqual(told.map((_, i) => i + 1))
  })

  test('a poll that is held is answered by an event, or empty by the next poll', async () => {
    await site.close()
    site = await openSite({ holdMs: 25_000 })
    const [alice, bob] = [await signIn('alice'), await signIn('bob')]
    await bob.poll()
    const polls = [bob.poll(), bob.poll()] // on two connections; either may come first
    const first = await Promise.race(polls.map((poll, i) => poll.then((batch) => ({ batch, other: polls[1 - i] }))))
    expect(first.batch.events).toEqual([])
    await alice.initiate('sip:bob@example.com', 'Can we talk?')
    expect((await first.other)?.events).toMatchObject([{ event: 'imSessionReceived' }, { state: 'incoming' }])
  })

  test('what is refused at once rejects, and says how', async () => {
    const alice = await signIn('alice')
    const refused = await alice.send(1, 'nobody').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Refused)
    expect(refused).toMatchObject({ answer: 'requestFailed', status: 200, error: { code: 18102 } })
    expect(await alice.initiate('sip:bob@example.com', ' ').catch((error: unknown) => error)).toMatchObject({
      answer: 'requestInvalid',
      error: { code: 18001 },
    })
  })

  test('what fails later rejects its outcome', async () => {
    const alice = await signIn('alice')
    const { rid } = await alice.initiate('sip:bob@example.com', 'hi')
    const failed = await alice.outcome(rid).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(Failed)
    expect(failed).toMatchObject({ error: { code: 18201, sip: { code: 480, reason: 'Temporarily Unavailable' } } })
  })

  test('a wrong password rejects', async () => {
    await expect(signIn('alice', { password: 'Secret' })).rejects.toBeInstanceOf(Refused)
  })

  test('a session that is over ends the polling; a new one can be opened with the same ticket', async () => {
    const alice = await signIn('alice', { pace: 0.001 })
    const ended = new Promise<Refused | Malformed>((resolve) => alice.start({ onEnd: resolve }))
    await alice.signOut()
    expect(await ended).toMatchObject({ status: 404, error: { code: 18100 } })
    await alice.stop()
    const before = alice.sid
    await alice.openSession()
    expect(alice.sid).not.toBe(before)
    expect((await alice.poll()).events).toHaveLength(2)
  })

  test('requests and polls that are repeated change nothing', async () => {
    const [alice, bob] = [await signIn('alice'), await signIn('bob')]
    const [rid, confId] = [alice.nextRid(), alice.nextConfId()]
    for (let i = 0; i < 2; i++) await alice.initiate('sip:bob@example.com', 'hi', { rid, confId })
    await bob.sees(is('imSessionState'))
    const accepted = bob.nextRid()
    for (let i = 0; i < 2; i++) await bob.accept(1, { rid: accepted })
    await alice.outcome(rid)
    const sent = alice.nextRid()
    for (let i = 0; i < 2; i++) await alice.send(confId, 'once', { rid: sent })
    const first = await bob.poll({ ackId: 2 })
    expect(await bob.poll({ ackId: 2 })).toEqual(first)
    expect(bob.seen.filter(is('messageReceived'))).toHaveLength(1)
  })
})

describe('a server that breaks the rules', () => {
  const events = (attributes: string, inner = '') =>
    `<cwaEvents ${attributes} pollWaitTime="1" sessionTimeout="9"${inner === '' ? '/>' : `>${inner}</cwaEvents>`}`
  const ok = '<requestSucceeded eid="1" rid="1"/>'
  const state = '<imSessionState>connected</imSessionState>'
  const broken: Record<string, string> = {
    'with a declaration': `<?xml version="1.0"?>${events('sid="5" ackId="0"')}`,
    'with a byte order mark': `\u{feff}${events('sid="5" ackId="0"')}`,
    'with a blank in front': ` ${events('sid="5" ackId="0"')}`,
    'not well-formed': '<cwaEvents sid="5" ackId="0" pollWaitTime="1" sessionTimeout="9">',
    'with a character XML has no place for': events('sid="5" ackId="1"', `<requestSucceeded eid="1" rid="\u{1}"/>`),
    'without cwaEvents': '<cwaResponses requestProcessed="0" unexpectedElement="0"/>',
    'without an ackId': events('sid="5"'),
    'with an ackId that is no number': events('sid="5" ackId="x"'),
    'of another session': events('sid="6" ackId="0"'),
    'with a hole in front': events('sid="5" ackId="2"', '<requestSucceeded eid="2" rid="1"/>'),
    'with a hole within': events('sid="5" ackId="3"', `${ok}<requestSucceeded eid="3" rid="2"/>`),
    'with an ackId above the last event': events('sid="5" ackId="2"', ok),
    'with an ackId below the last event': events('sid="5" ackId="0"', ok),
    'with two children in a conference': events(
      'sid="5" ackId="1"',
      `<conference eid="1" confId="1">${state}${state}</conference>`,
    ),
    'with no child in a conference': events('sid="5" ackId="1"', '<conference eid="1" confId="1"/>'),
    'without a content': events(
      'sid="5" ackId="1"',
      '<conference eid="1" confId="1"><messageReceived sender="a"><message/></messageReceived></conference>',
    ),
    'with a state nobody knows': events(
      'sid="5" ackId="1"',
      '<conference eid="1" confId="1"><imSessionState>open</imSessionState></conference>',
    ),
  }

  /** Answers every request with the next of these bodies, the last one for ever. */
  async function serve(answers: readonly { body: string; ticket?: string; status?: number }[]) {
    const left = [...answers]
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        const answer = left.length > 1 ? left.shift() : left[0]
        response.writeHead(answer?.status ?? 200, answer?.ticket === undefined ? [] : [answer.ticket, 'T1'])
        response.end(answer?.body)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const client = new UcAjaxClient({
      address: `http://127.0.0.1:${port}`,
      user: 'u',
      password: 'p',
      timeoutMs: 300,
      pace: 0.001,
    })
    const close = () => {
      server.closeAllConnections()
      server.close()
      return client.close()
    }
    return { client, close }
  }

  const logon =
    '<cwaResponses requestProcessed="1" unexpectedElement="0"><requestSucceeded eid="0"><uri>sip:u@x</uri><signInData></signInData></requestSucceeded></cwaResponses>'
  const opened =
    '<cwaResponses requestProcessed="1" unexpectedElement="0"><requestAccepted rid="1"><sid>5</sid><uri>sip:u@x</uri><pollWaitTime>1</pollWaitTime></requestAccepted></cwaResponses>'
  const ticket = 'CWA-Ticket'
  const begin = [
    { body: logon, ticket },
    { body: opened, ticket },
  ]

  async function signedIn(...answers: { body: string; ticket?: string; status?: number }[]) {
    const { client, close } = await serve([...begin, ...answers])
    await client.logOn()
    await client.openSession()
    return { client, close }
  }

  for (const [what, body] of Object.entries(broken))
    test(`an answer to a poll ${what}`, async () => {
      const { client, close } = await signedIn({ body, ticket })
      await expect(client.poll()).rejects.toBeInstanceOf(Malformed)
      expect(client.ackId).toBe(0)
      await close()
    })

  test('an answer without the ticket, or with its name in other letters', async () => {
    for (const name of [undefined, 'cwa-ticket']) {
      const { client, close } = await signedIn({ body: events('sid="5" ackId="0"'), ...(name && { ticket: name }) })
      await expect(client.poll()).rejects.toThrow('without CWA-Ticket')
      await close()
    }
    const { client, close } = await serve([{ body: logon }])
    await expect(client.logOn()).rejects.toThrow('without CWA-Ticket')
    await close()
  })

  test('an event that is another one when it comes again', async () => {
    const { client, close } = await signedIn(
      { body: events('sid="5" ackId="1"', ok), ticket },
      { body: events('sid="5" ackId="1"', '<requestSucceeded eid="1" rid="2"/>'), ticket },
    )
    await client.poll()
    await expect(client.poll({ ackId: 0 })).rejects.toThrow('event 1 was')
    await close()
  })

  test('an answer about another request, and a conversation under another number', async () => {
    const { client, close } = await signedIn(
      {
        body: '<cwaResponses requestProcessed="1" unexpectedElement="0"><requestAccepted rid="x"/></cwaResponses>',
        ticket,
      },
      {
        body: '<cwaResponses requestProcessed="1" unexpectedElement="0"><requestAccepted rid="3"><initiateImSessionAccepted rid="3" confId="9"/></requestAccepted></cwaResponses>',
        ticket,
      },
    )
    await expect(client.send(1, 'hi')).rejects.toBeInstanceOf(Malformed)
    await expect(client.initiate('sip:a@b', 'hi')).rejects.toBeInstanceOf(Malformed)
    await close()
  })

  test('no answer at all is told from a refusal, and a poll is repeated with the old AckId', async () => {
    const { client, close } = await signedIn({ body: events('sid="5" ackId="1"', ok), ticket })
    await client.poll()
    await close()
    await expect(client.poll()).rejects.toBeInstanceOf(NoAnswer)
    expect(client.ackId).toBe(1)
  })

  test('a failure of the server leaves a client polling', async () => {
    const failure =
      '<cwaResponses requestProcessed="0" unexpectedElement="0"><error code="18400" reason="r" detail="d"/></cwaResponses>'
    const { client, close } = await signedIn(
      { body: failure, status: 503 },
      { body: events('sid="5" ackId="1"', ok), ticket },
      { body: events('sid="5" ackId="1"'), ticket },
    )
    const troubles: unknown[] = []
    client.start({ onTrouble: (error) => troubles.push(error) })
    await client.sees(is('requestSucceeded'))
    expect(troubles).toMatchObject([{ status: 503, error: { code: 18400 } }])
    await close()
  })
})

function is<E extends SeenEvent['event']>(event: E) {
  return (seen: SeenEvent): seen is Extract<SeenEvent, { event: E }> => seen.event === event
}
