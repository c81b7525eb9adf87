import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { disconnect } from '../cometd/client.ts'
import { until } from '../faults/engine.ts'
import { Phone } from '../interop/support/phone.ts'
import { blockOf, readPage } from '../readme/page.ts'
import { run } from './support/package.ts'
import { Stack, type StackNode } from './support/stack.ts'
import { Person, talk } from './support/talk.ts'

let stack: Stack
beforeAll(async () => {
  stack = await Stack.start()
}, 120_000)
afterAll(() => stack?.stop())

const person = (user: string) => new Person(user, () => stack.address)

/** Numbers HAProxy has about its servers, by name. */
async function ofServers(metric: string): Promise<Map<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${stack.operators}/metrics`)).text()
  const lines = text.matchAll(new RegExp(`^${metric}\\{[^}]*server="(\\w+)"[^}]*\\} ([\\d.]+)$`, 'gm'))
  return new Map([...lines].map(([, server = '', value]) => [server, Number(value)]))
}
const isUp = async (server: string) => {
  const text = await (await fetch(`http://127.0.0.1:${stack.operators}/metrics`)).text()
  return new RegExp(`^haproxy_server_status\\{[^}]*server="${server}",state="UP"\\} 1$`, 'm').test(text)
}
const comesUp = (server: string) => until(() => isUp(server), 20_000, `HAProxy does not take ${server} back`)

describe('[DE-10] clients of HAProxy with two nodes behind it', () => {
  test('hold sessions by long-polling and by WebSocket, served by whichever node', async () => {
    await talk(stack.address, 'long-polling')
    await talk(stack.address, 'websocket')
    const served = await ofServers('haproxy_server_sessions_total')
    expect([...served.keys()].sort()).toEqual(['node1', 'node2'])
    for (const [server, sessions] of served) expect([server, sessions > 0]).toEqual([server, true])
  })

  test('speak UC AJAX as its page prints it, the header CWA-Ticket in its spelling', async () => {
    const cwd = join(stack.folder, 'cwa')
    mkdirSync(join(cwd, 'ringdown-data'), { recursive: true })
    writeFileSync(join(cwd, 'ringdown-data/demo-passwords.json'), '{ "anna": "anna", "ben": "ben" }')
    const block = blockOf(readPage('packages/facade/UC-AJAX.md'), 'uc-ajax')
      .replaceAll(':8080', `:${stack.balancer}`)
      .replaceAll('demo\\', 'acme\\')
      .replaceAll('@demo', '@acme')
    const { stdout } = await run('bash', ['-c', block], { cwd })
    expect(stdout).toContain('<initiateImSessionAccepted rid="2" confId="1"/>')
    expect(stdout).toMatch(/<content>Can we talk\?<\/content>/)
    expect(stdout).toMatch(/<content>Yes\.<\/content>/)
  })

  test('see neither metrics nor health of nodes', async () => {
    for (const path of ['/metrics', '/health/ready', '/health/live'])
      expect((await fetch(stack.address + path)).status).toBe(404)
  })
})

/** Ben writes to anna, text after text, each again under its id until it is accepted; she hears them all. What was refused. */
async function writeThrough(trouble: (afterSome: () => Promise<void>) => Promise<void>): Promise<unknown[]> {
  const [anna, ben] = [person('anna'), person('ben')]
  await anna.login()
  await ben.login()
  const client = await anna.listen('long-polling')
  const session = await ben.initiate('7001')
  const accepted: string[] = []
  const refused: unknown[] = []
  let go = true
  const writing = (async () => {
    for (let i = 0; go; i++) {
      const [text, messageId] = [`text ${i}`, `${session}-${i}`]
      const send = { operationName: 'SendMessage', text, messageId }
      const isAccepted = () =>
        ben.ask(`/me${session}`, send).then(
          () => true,
          (error: unknown) => {
            refused.push(error)
            return false
          },
        )
      await until(isAccepted, 25_000, `text ${i} is not accepted`)
      accepted.push(text)
    }
  })()
  const afterSome = () => {
    const some = accepted.length + 20
    return until(() => accepted.length >= some, 25_000, `no texts are accepted any more: ${refused.at(-1)}`)
  }
  try {
    await afterSome()
    await trouble(afterSome)
  } finally {
    go = false
    await writing
  }
  await until(() => client.texts.at(-1) === accepted.at(-1), 25_000, 'the last text does not arrive')
  expect([...new Set(client.texts)]).toEqual(accepted)
  await ben.complete(session)
  await disconnect(client)
  return refused
}

describe('[DE-11] while ben writes to anna', () => {
  test('a node drains by SIGTERM and comes back: HAProxy leaves it in time, and nothing is refused or lost', async () => {
    const node = stack.nodes[0] as StackNode
    const refused = await writeThrough(async (afterSome) => {
      node.process.signal('SIGTERM')
      await until(async () => !(await isUp('node1')), 20_000, 'HAProxy does not notice')
      await afterSome()
      expect(await node.process.ended(30_000)).toBe(0)
      await afterSome()
      node.process = await stack.startNode(node)
      await comesUp('node1')
      await afterSome()
    })
    expect(refused).toEqual([])
  }, 120_000)

  test('a node is killed: the other one goes on, and no accepted text is lost', async () => {
    const node = stack.nodes[1] as StackNode
    await writeThrough(async (afterSome) => {
      node.process.signal('SIGKILL')
      await until(async () => !(await isUp('node2')), 20_000, 'HAProxy does not notice')
      await afterSome()
    })
    node.process = await stack.startNode(node)
    await comesUp('node2')
  }, 120_000)
})

describe('[DE-12] a phone behind Kamailio', () => {
  test('registers with a password from a file, writes to an agent by MESSAGE and is written to', async () => {
    const password = readFileSync(join(stack.folder, 'secrets/phone-password'), 'utf8')
    const phone = await Phone.open({
      number: '8001',
      password,
      proxy: stack.edge,
      transport: 'udp',
      domain: 'im.example',
    })
    const anna = person('anna')
    await anna.login()
    const client = await anna.listen('long-polling')
    try {
      await phone.registers()
      expect((await phone.says('7001', 'Hello from the phone')).status).toBe(200)
      await until(() => client.texts.includes('Hello from the phone'), 20_000, 'the text does not arrive')
      const session = await anna.session()
      await anna.say(session, 'Hello phone')
      await phone.hears('7001', 'Hello phone')
      await anna.complete(session)
    } finally {
      await disconnect(client)
      await phone.close()
    }
  })
})
