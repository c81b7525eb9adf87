import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { headersOf, openSite, people, type Role, roles, type Site } from './people.ts'

/* CometD's channels and meta messages for every role: refused is `successful: false`, as Bayeux has it. */

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

const proven: readonly Role[] = [...people, 'foreignAdmin']

interface Message {
  channel: string
  [name: string]: unknown
}

async function say(role: Role, message: Message) {
  const reply = await site.inject({
    method: 'POST',
    url: '/api/v2/notifications',
    headers: { 'content-type': 'application/json', ...headersOf(role, site.cookie) },
    payload: JSON.stringify([message]),
  })
  const [first] = reply.json()
  return first as { successful: boolean; clientId?: string; error?: string; advice?: object; data?: unknown }
}

const handshakeMessage = { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] }
async function clientOf(role: Role): Promise<string> {
  const { clientId } = await say(role, handshakeMessage)
  if (clientId === undefined) throw new Error(`${role} has no client`)
  return clientId
}

const images = () => ['north', 'south'].map((id) => site.image(id))

test('[SE-5] only who has shown who they are has a client', async () => {
  for (const role of roles) {
    const { successful, clientId } = await say(role, handshakeMessage)
    expect({ role, successful }).toEqual({ role, successful: proven.includes(role) })
    expect(clientId === undefined).toBe(!proven.includes(role))
  }
})

describe('[SE-5] a client serves who it was given to', () => {
  const asked: readonly Message[] = [
    { channel: '/meta/subscribe', subscription: '/v2/me/im-sessions' },
    { channel: '/meta/subscribe', subscription: '/**', ext: { replay: { '/**': -2 } } },
    { channel: '/meta/unsubscribe', subscription: '/v2/me/im-sessions' },
    { channel: '/meta/connect', connectionType: 'long-polling', advice: { timeout: 0 } },
    { channel: '/meta/disconnect' },
    { channel: '/v2/me/im-sessions', data: { text: 'hello' } },
    { channel: '/service/echo', data: {} },
  ]
  test.each(asked)('$channel $subscription', async (message) => {
    const clients = {
      colleague: await clientOf('agent'),
      foreign: await clientOf('foreignAdmin'),
      none: 'abcdefghijklmnop',
    }
    for (const role of roles) {
      if (role === 'agent' || role === 'foreignAdmin') continue
      const before = images()
      const answers = []
      for (const clientId of Object.values(clients)) {
        const { advice, ...answer } = await say(role, { ...message, clientId })
        answers.push({ ...answer, clientId: undefined, advice })
      }
      expect(answers.map(({ successful }) => successful)).toEqual([false, false, false])
      // Nothing tells whether there is such a client.
      expect({ role, answers }).toEqual({ role, answers: [answers[2], answers[2], answers[2]] })
      expect(images()).toEqual(before)
    }
    // They go on for who they belong to.
    for (const role of ['agent', 'foreignAdmin'] as const) {
      const clientId = role === 'agent' ? clients.colleague : clients.foreign
      const { successful } = await say(role, { channel: '/meta/subscribe', subscription: '/v2/me/*', clientId })
      expect({ role, successful }).toEqual({ role, successful: true })
    }
  })
})

test("[SE-6] nobody can subscribe to anybody's channels but their own, and nobody can publish", async () => {
  const { persons } = site.centres[0]?.directory() ?? {}
  const others = [...(persons?.keys() ?? [])]
  const foreign = [...(site.centres[1]?.directory().persons.keys() ?? [])]
  for (const role of proven) {
    const clientId = await clientOf(role)
    const errors = new Set<string>()
    for (const id of [...others.slice(0, 2), ...foreign.slice(0, 2), 'f'.repeat(32)]) {
      const channel = `/v2/users/${id}/im-sessions`
      for (const message of [
        { channel: '/meta/subscribe', subscription: channel },
        { channel, data: { text: 'hello' } },
      ]) {
        const { successful, error = '' } = await say(role, { ...message, clientId })
        expect({ role, channel, successful }).toEqual({ role, channel, successful: false })
        errors.add(`${message.channel.startsWith('/meta')} ${error.replaceAll(id, '<id>')}`)
      }
    }
    // One answer for each kind of asking, whoever it was about.
    expect(errors.size).toBe(2)
  }
})

test('[SE-6] what is said to one contact centre is heard in no other, whatever was subscribed', async () => {
  const [north, south] = [await clientOf('agent'), await clientOf('foreignAdmin')]
  for (const [role, clientId] of [
    ['agent', north],
    ['foreignAdmin', south],
  ] as const) {
    await say(role, { channel: '/meta/subscribe', subscription: '/**', clientId })
    await say(role, { channel: '/meta/connect', connectionType: 'long-polling', advice: { timeout: 0 }, clientId })
  }
  await site.ask('ben', 'POST', `/me/im-sessions/${site.sessions.agent}`, {
    operationName: 'SendMessage',
    text: 'psst',
  })
  const poll = async (role: Role, clientId: string) => {
    const reply = await site.inject({
      method: 'POST',
      url: '/api/v2/notifications',
      headers: { 'content-type': 'application/json', ...headersOf(role, site.cookie) },
      payload: JSON.stringify([
        { channel: '/meta/connect', connectionType: 'long-polling', advice: { timeout: 0 }, clientId },
      ]),
    })
    return reply.body
  }
  expect(await poll('agent', north)).toContain('psst')
  expect(await poll('foreignAdmin', south)).not.toContain('psst')
})
