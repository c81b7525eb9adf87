import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { demoAgent } from './cli/demo-agent.ts'
import { endAll, eventually, ringdown } from './testing/server-process.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringdown-'))
})
afterEach(() => {
  endAll()
  rmSync(directory, { recursive: true, force: true })
})

const chat = '{ TServer: { multimedia: true, sip-signaling-chat: none } }'
/** Two agents, passwords as their user names. */
const file = (head = '', more = '') => `http: { port: 0 }
${head}
contactCentres:
  - id: sales
    switches: [{ name: S }]
    dns: [{ number: 7001, switch: S, annex: ${chat} }, { number: 7002, switch: S, annex: ${chat} }]
    places: [{ name: P1, dns: [7001] }, { name: P2, dns: [7002] }]
    agentLogins: [{ code: 1, switch: S }, { code: 2, switch: S }]
    persons:
      - { userName: anna, password: anna, place: P1, agentLogins: [1] }
      - { userName: ben, password: ben, place: P2, agentLogins: [2] }
${more}`
function write(text: string): string {
  const path = join(directory, 'ringdown.yaml')
  writeFileSync(path, text)
  return path
}
const basic = (user: string, password = user) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
async function status(url: string, headers: Record<string, string> = {}): Promise<number> {
  const reply = await fetch(url, { headers })
  await reply.body?.cancel()
  return reply.status
}
const me = (address: string, user: string, password?: string) => status(`${address}/api/v2/me`, basic(user, password))
/** Anna and Ben log in, and Anna calls Ben. */
async function callUp(address: string) {
  const anna = demoAgent(address, 'anna', 'anna')
  const ben = demoAgent(address, 'ben', 'ben')
  for (const agent of [anna, ben]) await agent.post('/me', { operationName: 'StartContactCenterSession' })
  await anna.post('/me/im-sessions', { operationName: 'InitiateIMSession', destination: { phoneNumber: '7002' } })
  return { anna, ben }
}

describe('serve', () => {
  test('[SV-45] a demo run says where it is and who can log in; a restart keeps the passwords', async () => {
    for (const run of [1, 2]) {
      const server = ringdown(['serve', '--port', '0'], directory)
      const address = await server.address()
      const passwords = JSON.parse(readFileSync(join(directory, 'ringdown-data/demo-passwords.json'), 'utf8'))
      for (const user of ['anna', 'ben', 'admin']) {
        expect(server.err()).toMatch(new RegExp(`^  ${user} +${passwords[user]}$`, 'm'))
        expect([run, user, await me(address, user, passwords[user])]).toEqual([run, user, 200])
      }
      expect(server.out()).not.toContain(passwords.anna)
      expect(await status(`${address}/health/ready`)).toBe(200)
      expect(await status(`${address}/metrics`)).toBe(200)
      server.child.kill('SIGTERM')
      expect(await server.ended).toBe(0)
    }
  })

  test('[SV-8] generated passwords are not served to other machines', async () => {
    const server = ringdown(['serve', '--host', '0.0.0.0', '--port', '0'], directory)
    expect(await server.ended).toBe(1)
    expect(server.err()).toContain('0.0.0.0 can be reached from other machines: write a ringdown.yaml')
  })

  test('[SV-45] a port in use and an address of somebody else are said in a sentence', async () => {
    write(file())
    const first = ringdown(['serve'], directory)
    const { port } = new URL(await first.address())
    const second = ringdown(['serve', '--port', port], directory)
    expect(await second.ended).toBe(1)
    expect(second.err()).toBe(`127.0.0.1:${port} is in use: set http.port, or start with --port\n`)
    const third = ringdown(['serve', '--host', '192.0.2.1'], directory)
    expect(await third.ended).toBe(1)
    expect(third.err()).toBe('192.0.2.1 is not an address of this machine: set http.host\n')
  })

  test('[SV-45] a store that cannot be used is said in a sentence', async () => {
    write(file())
    mkdirSync(join(directory, 'ringdown-data'))
    writeFileSync(
      join(directory, 'ringdown-data/sales.sqlite'),
      'this is no database, it is a text of some length '.repeat(50),
    )
    const server = ringdown(['serve'], directory)
    expect(await server.ended).toBe(1)
    expect(server.err()).toMatch(
      /^the server could not start: .*sales\.sqlite cannot be used for contact centre sales: .*\n$/,
    )
    const sessions = ringdown(['sessions'], directory)
    expect(await sessions.ended).toBe(1)
    expect(sessions.err()).toMatch(/^.*sales\.sqlite cannot be used for contact centre sales: .*\n$/)
  })

  test('[SV-2] a file with mistakes is not served', async () => {
    write(file('htpp: {}'))
    const server = ringdown(['serve'], directory)
    expect(await server.ended).toBe(1)
    expect(server.err()).toBe('ringdown.yaml:2:1: htpp is not known; did you mean http?\n')
  })

  test('[SV-9] serves HTTPS with files beside the configuration', async () => {
    const certificates = fileURLToPath(new URL('./testing/', import.meta.url))
    mkdirSync(join(directory, 'etc'))
    const path = join(directory, 'etc/r.yaml')
    writeFileSync(path, file().replace('port: 0', `port: 0, tls: { certFile: tls.crt, keyFile: tls.key }`))
    for (const end of ['crt', 'key'])
      writeFileSync(join(directory, `etc/tls.${end}`), readFileSync(join(certificates, `localhost.${end}`)))
    const server = ringdown(['serve', '--config', path], directory)
    const address = await server.address()
    expect(address).toMatch(/^https:/)
    const ca = readFileSync(join(certificates, 'localhost.crt'))
    const reply = await new Promise<number | undefined>((resolve, reject) => {
      request(`${address}/api/v2/me`, { ca, headers: basic('anna') }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(reply).toBe(200)
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
  })
})

describe('reload', () => {
  test('[SV-11] SIGHUP lets a new agent in and drops no session; [SV-10] a wrong file changes nothing', async () => {
    write(file())
    const server = ringdown(['serve'], directory)
    const address = await server.address()
    const { anna } = await callUp(address)
    const heard: string[] = []
    await anna.listen((notification) => {
      if (notification.messageType === 'IMLogUpdateMessage') heard.push(notification.message)
    })
    expect(await me(address, 'cleo')).toBe(401)

    const cleo = '      - { userName: cleo, password: cleo }\n'
    write(file('', cleo))
    server.child.kill('SIGHUP')
    await eventually(async () => (await me(address, 'cleo')) === 200, 20_000)

    write(file('', `${cleo}    dnss: []\n`))
    server.child.kill('SIGHUP')
    await eventually(() => server.out().includes('configuration not reloaded'), 20_000)
    expect(server.out()).toContain('ringdown.yaml:13:5: contactCentres[0].dnss is not known; did you mean dns?')
    expect(await me(address, 'cleo')).toBe(200)

    const admin = '      - { userName: root, password: root, roles: [admin] }\n'
    write(file('', `${cleo}${admin}`))
    server.child.kill('SIGHUP')
    await eventually(async () => (await me(address, 'root')) === 200, 20_000)
    write(file('log: { level: warn }', admin).replace('port: 0', 'port: 1'))
    const reload = () =>
      fetch(`${address}/api/v2/system`, {
        method: 'POST',
        headers: { ...basic('root'), 'content-type': 'application/json' },
        body: '{"operationName":"ReloadConfiguration"}',
      })
    expect(await (await reload()).json()).toEqual({ statusCode: 0, restart: ['http.port'] })
    expect(await me(address, 'cleo')).toBe(401)
    write('contactCentres: 1\n')
    expect(await (await reload()).json()).toEqual({
      statusCode: 2,
      statusMessage: 'The configuration stays as it was. ringdown.yaml:1:17: contactCentres must be a list',
    })

    const list = await fetch(`${address}/api/v2/me/im-sessions?fields=*`, { headers: basic('anna') })
    const { imSessions } = (await list.json()) as { imSessions: readonly { id: string; state: string }[] }
    expect(imSessions).toMatchObject([{ state: 'Talking' }])
    await anna.post(`/me/im-sessions/${imSessions[0]?.id}`, { operationName: 'SendMessage', text: 'still here' })
    await eventually(() => heard.includes('still here'), 20_000)
    await anna.leave()
  })
})

describe('health', () => {
  test('[SV-30] a store that is lost shows, and so does its return', async () => {
    const socket = join(directory, 'redis.sock')
    const redis = () =>
      spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', ''], { cwd: directory, stdio: 'ignore' })
    let store = redis()
    write(file(`store: { redis: { url: ${socket} } }`))
    // Started before Redis listens: the server waits for it.
    const server = ringdown(['serve'], directory)
    const ready = `${await server.address()}/health/ready`
    expect(await status(ready)).toBe(200)
    try {
      store.kill('SIGKILL')
      await once(store, 'exit')
      await eventually(async () => (await status(ready)) === 503, 20_000)
      expect(await status(ready.replace('ready', 'live'))).toBe(200)
      store = redis()
      await eventually(async () => (await status(ready)) === 200, 30_000)

      // Without its store a node can still end.
      store.kill('SIGKILL')
      await once(store, 'exit')
      server.child.kill('SIGTERM')
      expect(await server.ended).toBe(0)
    } finally {
      store.kill('SIGKILL')
    }
  })
})

describe('SIGTERM', () => {
  test('[SV-31] answers a held connect, lets nobody in, and ends with 0', async () => {
    write(file())
    const server = ringdown(['serve'], directory)
    const address = await server.address()
    const send = async (message: object) => {
      const reply = await fetch(`${address}/api/v2/notifications`, {
        method: 'POST',
        headers: { ...basic('anna'), 'content-type': 'application/json' },
        body: JSON.stringify([message]),
      })
      const [answer] = (await reply.json()) as readonly [Record<string, unknown>]
      return answer
    }
    const connecting = { channel: '/meta/connect', connectionType: 'long-polling' }
    const { clientId } = await send({
      channel: '/meta/handshake',
      version: '1.0',
      supportedConnectionTypes: ['long-polling'],
    })
    await send({ ...connecting, clientId, advice: { timeout: 0 } })
    const held = send({ ...connecting, clientId })
    await eventually(async () => (await heldClients(address)) === 1, 20_000)

    const since = performance.now()
    server.child.kill('SIGTERM')
    expect(await held).toMatchObject({ channel: '/meta/connect', successful: true })
    expect(await server.ended).toBe(0)
    expect(performance.now() - since).toBeLessThan(20_000)
    await expect(fetch(`${address}/health/live`)).rejects.toThrow()
  })

  test('[SV-31] is announced to load balancers first; a second signal ends the process at once', async () => {
    write(file('drain: { noticeMs: 60000 }'))
    const server = ringdown(['serve'], directory)
    const address = await server.address()
    server.child.kill('SIGTERM')
    await eventually(async () => (await status(`${address}/health/ready`)) === 503, 20_000)
    expect(await me(address, 'anna')).toBe(200)
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(130)
  })

  test('[SV-31] a request that does not finish in time is cut off', async () => {
    write(file('drain: { finishMs: 300 }'))
    const server = ringdown(['serve'], directory)
    const { hostname, port } = new URL(await server.address())
    const slow = connect(Number(port), hostname)
    slow.on('error', () => {})
    slow.write('POST /api/v2/me HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{')
    await once(slow, 'connect')
    await eventually(async () => (await status(`http://${hostname}:${port}/health/live`)) === 200, 20_000)
    const since = performance.now()
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect(performance.now() - since).toBeLessThan(20_000)
    expect(server.out()).toContain('did not finish in time')
  })
})

describe('sessions and demo', () => {
  test('[SV-43] lists living sessions beside a running server, without what is said', async () => {
    write(file())
    const server = ringdown(['serve'], directory)
    const { anna } = await callUp(await server.address())
    const { out } = await finished(['sessions'])
    expect(out).toMatch(/^CENTRE +SESSION +SINCE +STATE +PARTIES\nsales +[0-9A-V]{32} +\S+Z +talking +7001 - 7002\n$/)
    await anna.post('/me', { operationName: 'EndContactCenterSession' })
    expect((await finished(['sessions'])).out).toBe('no living sessions\n')
  })

  test('[SV-44] the demo plays a session and ends by itself', async () => {
    const { out, code } = await finished(['demo'])
    expect(code).toBe(0)
    for (const seen of [
      'StartContactCenterSession',
      'InitiateIMSession',
      'EventDialing thisDN=7001 otherDN=7002',
      'EventRinging thisDN=7002 otherDN=7001',
      'EventPrivateInfo',
      'IMLogUpdate NewMessage "On it."',
      'StatusChange Completed',
    ])
      expect(out).toContain(seen)
  })
})

async function finished(args: readonly string[]) {
  const command = ringdown(args, directory)
  const code = await command.ended
  return { code, out: command.out(), err: command.err() }
}

async function heldClients(address: string): Promise<number> {
  const page = await (await fetch(`${address}/metrics`)).text()
  return Number(/^ringdown_cometd_clients (\d+)$/m.exec(page)?.[1])
}
