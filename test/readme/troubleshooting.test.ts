import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { until } from '../faults/engine.ts'
import { Endpoint, type EndpointOptions, freePorts } from '../scenario/endpoint.ts'
import { Desk, refusal } from '../scenario/scenario.ts'
import { blocksWithoutName, deadLinks, PageFolder, readPage } from './page.ts'

/** What the page shows with sessions in which just that went wrong. */
const page = readPage('packages/server/TROUBLESHOOTING.md')
const folder = new PageFolder()
const leaving: (() => Promise<unknown>)[] = []
const password = 'kz7r-9wnq-bb2m-x4ff'
/** Without the number in it, for the doctor looks at that. */
const passwordOf = (number: string) => `${password}-${String.fromCharCode(97 + Number(number.at(-1)))}`
let sipPort: number
let address: string
let agent: Desk

const annex = (options: object) => ({ TServer: { multimedia: 'true', ...options } })
const phones = ['8001', '8002', '8003', '8004', '8005']

beforeAll(async () => {
  const [sip = 0, msrp = 0] = await freePorts(2)
  sipPort = sip
  const config = {
    store: { embedded: { directory: 'data' } },
    sip: { listen: [{ transport: 'udp', host: '127.0.0.1', port: sip }] },
    msrp: { listen: [{ transport: 'tcp', host: '127.0.0.1', port: msrp }] },
    contactCentres: [
      {
        id: 'acme',
        switches: [{ name: 'S' }],
        dns: [
          { number: '7001', switch: 'S', annex: annex({ 'sip-signaling-chat': 'none' }) },
          ...phones.map((number) => {
            const chat = number < '8003' ? { 'sip-signaling-chat': 'message' } : {}
            return { number, switch: 'S', annex: annex({ password: passwordOf(number), ...chat }) }
          }),
        ],
        places: [{ name: 'P', dns: ['7001'] }],
        agentLogins: [{ code: 'L', switch: 'S' }],
        persons: [
          { userName: 'anna', place: 'P', agentLogins: ['L'], password },
          { userName: 'admin', roles: ['admin'], password },
        ],
      },
    ],
  }
  folder.write('ringdown.yaml', stringify(config))
  address = await folder.serve()
  agent = new Desk(address, { userName: 'anna', password, dn: '7001' })
  await agent.logsIn()
  leaving.push(() => agent.leaves())
})
afterAll(async () => {
  for (const leave of leaving.reverse()) await leave()
  await folder.close()
})

async function endpoint(number: string, more: Partial<EndpointOptions> = {}): Promise<Endpoint> {
  const engine = { host: '127.0.0.1', port: sipPort }
  const opened = await Endpoint.open({ number, password: passwordOf(number), engine, msrp: false, ...more })
  leaving.push(() => opened.close())
  await opened.registers()
  return opened
}

/** The session the agent was told of last. */
const lastSession = (): string => [...agent.view.sessions.keys()].at(-1) ?? ''
/** Each block starts a command or two; on a busy machine each takes seconds. */
const slow = { timeout: 180_000 }
const block = (name: string, session = '', stdin = '') =>
  folder.run(page, name, { env: { RINGDOWN_ADDRESS: address, RINGDOWN_PASSWORD: password, session }, stdin })
/** What a block prints once a line with this title has passed; starting a command takes a second, so the engine is asked before. */
async function shows(name: string, session: string, title: RegExp): Promise<string> {
  const headers = { authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` }
  const hasPassed = async () => {
    const reply = await fetch(`${address}/api/v2/lab/sessions/${session}/ladder`, { headers })
    const { ladder } = (await reply.json()) as { ladder?: { entries: { title: string }[] } }
    return ladder?.entries.some((entry) => title.test(entry.title)) ?? false
  }
  await until(hasPassed, 30_000, `no ${title} in the ladder`)
  return (await block(name, session)).stdout
}
/** Calls, and waits until both can write; the session's id. */
async function talksTo(number: string): Promise<string> {
  const before = lastSession()
  await agent.calls(number)
  const talks = async () => lastSession() !== before && agent.view.sessions.get(lastSession())?.state === 'Talking'
  await until(talks, 30_000, 'nobody answers')
  return lastSession()
}
async function ends(): Promise<void> {
  await until(() => agent.isFree(), 30_000, 'the session does not end')
}

test('every block has a name, and every link leads somewhere', () => {
  expect(blocksWithoutName(page)).toEqual([])
  expect(deadLinks(page, 'packages/server')).toEqual([])
})

test(
  '[TC-3] a phone that knows MESSAGE: the list, the ladder, one line, a capture; the agent’s side',
  slow,
  async () => {
    const phone = await endpoint('8001')
    expect((await phone.texts('7001', 'hello')).status).toBe(200)
    await until(async () => !(await agent.isFree()), 30_000, 'no session')
    const session = await agent.session()
    const listed = await folder.run(page, 'password', {
      env: { RINGDOWN_ADDRESS: address, session },
      stdin: `${password}\n`,
    })
    expect(listed.stdout).toContain(session)
    expect(await shows('ladder', session, /^IMSession/)).toContain('SIP MESSAGE')
    expect((await block('line', session)).stdout).toMatch(/^1 {2}\d{4}-/)
    expect(await shows('nothing-seen', session, /^IMSession/)).toMatch(/EventRinging at 7001[\s\S]*CometD IMSession/)
    // The second session is refused, and stands in the ladder of the first.
    expect(await refusal(agent.calls('8002'))).toMatchObject({ message: expect.stringContaining('in an IM session') })
    expect(await shows('second', session, /→ 400/)).toContain('InitiateIMSession')
    await agent.completes()
    await ends()
  },
)

test('[TC-3] a text that the phone does not take, and a dialog it knows nothing of', slow, async () => {
  const phone = await endpoint('8002')
  const session = await talksTo('8002')
  // A text that the phone does not take; then one that says it knows nothing of it.
  phone.answer = { status: 480 }
  await agent.says('nobody takes this')
  expect(await shows('failed', session, /Failed$/)).toContain('480 Temporarily')
  phone.answer = { status: 481 }
  await agent.says('nor this').catch(() => undefined)
  expect(await shows('gone', session, /^481 /)).toContain('(MESSAGE)')
  phone.answer = { status: 200 }
  if (!(await agent.isFree())) await agent.completes()
  await ends()
})

test.each([
  ['8003', 486, /486 Busy Here \(INVITE\)/],
  ['8004', 603, /603 Decline \(INVITE\)/],
] as const)('[TC-3] phone %s refuses with %s', slow, async (number, status, line) => {
  await endpoint(number, { msrp: true, answers: { status } })
  const before = lastSession()
  await agent.calls(number)
  await until(() => lastSession() !== before, 30_000, 'the agent is told nothing')
  await ends()
  expect(await shows('refused', lastSession(), line)).not.toContain('CometD')
})

test('[TC-3] an MSRP client: what is there when it does connect', slow, async () => {
  const client = await endpoint('8005', { msrp: true })
  const session = await talksTo('8005')
  await client.isInvited()
  await agent.says('over MSRP')
  await client.hears('over MSRP')
  const text = await shows('msrp', session, /^SEND text/)
  expect(text).toMatch(/SIP INVITE|200 OK \(INVITE\)/)
  expect(text).toContain('MSRP SEND')
  await agent.completes()
  await ends()
})

test('[DR-18] the doctor beside the engine, registrations, gaps and what is slow', slow, async () => {
  // The configuration holds its passwords as they are, which is a note and no problem.
  const { stdout } = await block('doctor')
  expect(stdout).toMatch(/^What will bite first: /)
  expect((await block('register')).stdout).toMatch(
    /"dn":"8001"[\s\S]*ringdown_sip_answers_total\{method="REGISTER",status="2xx"\}/,
  )
  expect((await block('gaps')).lines.some((line) => line.startsWith('ringdown_store_healthy'))).toBe(true)
  const slow = (await block('slow')).stdout
  for (const what of ['ringdown_commit_seconds_count', 'nodejs_eventloop_lag_p99_seconds', 'embedded store', 'cores'])
    expect(slow).toContain(what)
})
