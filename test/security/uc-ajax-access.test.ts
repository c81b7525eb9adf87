import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSite, people, type Role, roles, type Site, userNames } from './people.ts'

/* UC AJAX for every role: a ticket instead of credentials, and sessions and conferences by numbers that anybody could count up to. */

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

const proven = [...people, 'foreignAdmin'] as const

async function logOn(user: string, password = user) {
  const payload = `<cwaRequests><logon><user>${user}</user><password>${password}</password></logon></cwaRequests>`
  const reply = await post('/forms/logon.html', payload)
  return { body: reply.body, ticket: reply.headers['cwa-ticket'] as string | undefined }
}

function post(url: string, payload: string, ticket?: string) {
  const headers = { 'content-type': 'text/xml', ...(ticket !== undefined && { 'cwa-ticket': ticket }) }
  return site.inject({ method: 'POST', url, headers, payload })
}

const command = (inner: string, sid: number | string, ticket?: string) =>
  post('/cwa/MainCommandHandler.ashx', `<cwaRequests sid="${sid}">${inner}</cwaRequests>`, ticket)
const poll = (sid: number | string, ticket?: string) =>
  site.inject({
    url: `/cwa/AsyncDataChannel.ashx?Sid=${sid}&AckID=0`,
    ...(ticket !== undefined && { headers: { 'cwa-ticket': ticket } }),
  })

async function session(user: string): Promise<{ ticket: string; sid: string }> {
  const { ticket = '' } = await logOn(user)
  const { body } = await command('<initiateSession rid="1"/>', 0, ticket)
  return { ticket, sid: /<sid>(\d+)<\/sid>/.exec(body)?.[1] ?? '' }
}

const images = () => ['north', 'south'].map((id) => site.image(id))

test('[SE-7] a ticket is for who has a right password and may log in', async () => {
  const given: Record<Role, Awaited<ReturnType<typeof logOn>>> = {
    nobody: await logOn('nobody', 'x'),
    wrongPassword: await logOn('ada', 'not the password'),
    expiredSession: await logOn('ada', site.cookie),
    disabled: await logOn('dora'),
    agent: await logOn(userNames.agent),
    supervisor: await logOn(userNames.supervisor),
    admin: await logOn(userNames.admin),
    apiuser: await logOn(userNames.apiuser),
    foreignAdmin: await logOn(userNames.foreignAdmin),
  }
  for (const role of roles) {
    const isIn = proven.some((one) => one === role)
    expect({ role, ticket: given[role].ticket !== undefined }).toEqual({ role, ticket: isIn })
  }
  // Whoever it was: one answer.
  const answers = (['nobody', 'wrongPassword', 'expiredSession', 'disabled'] as const).map((role) => given[role].body)
  expect(new Set(answers).size).toBe(1)
})

describe('[SE-7] without a ticket nothing is read and nothing changes', () => {
  const tickets = [undefined, '', 'x', `${'A'.repeat(43)}00000000`]
  test.each(tickets)('%s', async (ticket) => {
    const before = images()
    for (const reply of [
      await command('<initiateSession rid="1"/>', 0, ticket),
      await command('<terminateSession rid="1"/>', 1, ticket),
      await command('this is no XML', 1, ticket),
      await poll(1, ticket),
    ])
      expect(reply.statusCode).toBe(401)
    expect(images()).toEqual(before)
  })
})

describe("[SE-8] a session's number opens it to nobody but its owner", () => {
  const requests = [
    '<terminateSession rid="2"/>',
    '<conference confId="1" rid="2"><acceptImSession/></conference>',
    '<conference confId="0" rid="2"><initiateImSession><uris><uri>sip:ben@north</uri></uris></initiateImSession></conference>',
  ]
  test.each(requests)('%s', async (request) => {
    const colleague = await session('ben')
    const foreign = await session('xena')
    for (const role of ['supervisor', 'admin', 'apiuser'] as const) {
      const { ticket = '' } = await logOn(userNames[role])
      const before = images()
      const answers = []
      for (const sid of [colleague.sid, foreign.sid, '999999999999']) {
        const commanded = await command(request, sid, ticket)
        const polled = await poll(sid, ticket)
        answers.push(
          [commanded, polled].map(({ statusCode, body }) => `${statusCode} ${body.replaceAll(sid, '<sid>')}`),
        )
      }
      expect({ role, answers }).toEqual({ role, answers: [answers[2], answers[2], answers[2]] })
      expect(answers.flat().join()).toContain('Session Not Found')
      expect(images()).toEqual(before)
    }
    for (const { sid, ticket } of [colleague, foreign]) expect((await poll(sid, ticket)).body).toContain('<cwaEvents')
  })
})
