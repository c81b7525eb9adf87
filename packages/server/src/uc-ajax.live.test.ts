import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { endAll, ringdown } from './testing/server-process.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringdown-'))
})
afterEach(() => {
  endAll()
  rmSync(directory, { recursive: true, force: true })
})

/** One agent, whose password stands in the file as it is. */
const file = (password: string) => `http: { port: 0 }
log: { level: debug }
contactCentres:
  - id: sales
    switches: [{ name: S }]
    dns: [{ number: 7001, switch: S, annex: { TServer: { multimedia: true, sip-signaling-chat: none } } }]
    places: [{ name: P1, dns: [7001] }]
    agentLogins: [{ code: 1, switch: S }]
    persons: [{ userName: anna, password: ${password}, place: P1, agentLogins: [1] }]
`

/** Starts a server with this password in its file, works with it, and ends it; gives what it has logged. */
async function served(password: string, work: (address: string) => Promise<void>): Promise<string> {
  writeFileSync(join(directory, 'ringdown.yaml'), file(password))
  const server = ringdown(['serve'], directory)
  await work(await server.address())
  server.child.kill('SIGTERM')
  expect(await server.ended).toBe(0)
  return server.out() + server.err()
}

async function post(url: string, body: string, headers: Record<string, string> = {}) {
  const reply = await fetch(url, { method: 'POST', body, headers })
  return { ticket: reply.headers.get('CWA-Ticket') ?? '', text: await reply.text() }
}

test('[UC-42, UC-44, SV-6, SV-20] a restart keeps ticket and session, a new password ends them, and nothing of it is logged', async () => {
  let ticket = ''
  let sid = ''
  const poll = async (address: string) => {
    const url = `${address}/cwa/AsyncDataChannel.ashx?Sid=${sid}&AckId=0&UA=true`
    const reply = await fetch(url, { headers: { 'CWA-Ticket': ticket } })
    return { status: reply.status, text: await reply.text() }
  }
  let log = await served('first-secret', async (address) => {
    const logon = '<cwaRequests><logon><user>anna</user><password>first-secret</password></logon></cwaRequests>'
    ticket = (await post(`${address}/forms/logon.html`, logon)).ticket
    expect(ticket).not.toBe('')
    const open = '<cwaRequests><initiateSession rid="1"/></cwaRequests>'
    const opened = await post(`${address}/cwa/MainCommandHandler.ashx`, open, { 'CWA-Ticket': ticket })
    sid = /<sid>(\d+)<\/sid>/.exec(opened.text)?.[1] ?? ''
    expect((await poll(address)).text).toContain('ackId="2"')
  })
  log += await served('first-secret', async (address) => {
    expect(await poll(address)).toMatchObject({ status: 200, text: expect.stringContaining('ackId="2"') })
    const metrics = await (await fetch(`${address}/metrics`)).text()
    expect(metrics).toContain('ringdown_uc_ajax_polls_total{held="false"} 1')
  })
  log += await served('second-secret', async (address) => {
    expect(await poll(address)).toMatchObject({ status: 401 })
    const metrics = await (await fetch(`${address}/metrics`)).text()
    expect(metrics).toContain('ringdown_uc_ajax_tickets_refused_total{reason="ticketEnded"} 1')
  })
  for (const secret of ['first-secret', 'second-secret', ticket, 'Sid=']) expect(log).not.toContain(secret)
})
