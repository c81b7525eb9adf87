import { type ChildProcess, fork, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LoadRun } from '@ringdown/facade'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../testing/server-process.ts'
import type { FromServer, ToServer } from './testing/server.ts'

let directory: string
let started: ChildProcess[]
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringdown-'))
  started = []
})
afterEach(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

const program = fileURLToPath(new URL('./testing/server.ts', import.meta.url))

/** A server in a process of its own, with the embedded store or Redis, and what it says of its load runs. */
async function serve({ tls = false, node = 'one', redis = '' } = {}) {
  const file = join(directory, `${node}.yaml`)
  const certificates = fileURLToPath(new URL('../testing/', import.meta.url))
  const http = tls
    ? `{ port: 0, tls: { certFile: ${certificates}localhost.crt, keyFile: ${certificates}localhost.key } }`
    : '{ port: 0 }'
  mkdirSync(join(directory, 'data'), { recursive: true })
  writeFileSync(
    file,
    `node: ${node}
http: ${http}
login: { csrf: true }
store: { ${redis === '' ? `embedded: { directory: ${join(directory, 'data')} }` : `redis: { url: ${redis} }`} }
log: { level: warn }
contactCentres: [{ id: sales, persons: [{ userName: root, password: root, roles: [admin] }] }]
`,
  )
  const child = fork(program, [file], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  started.push(child)
  let latest: FromServer | undefined
  child.on('message', (message) => {
    latest = message as FromServer
  })
  const send = (message: ToServer) => child.send(message)
  const run = (): LoadRun | undefined => latest?.runs[0]
  await eventually(() => latest !== undefined, 20_000)
  return {
    child,
    send,
    run,
    /** Why the last start was refused. */
    refusal: () => latest?.refusal,
    /** Objects of load runs in this node's configuration. */
    objects: () => latest?.objects ?? -1,
    sessions: () => latest?.sessions ?? -1,
    over: () => eventually(() => ['done', 'stopped', 'failed'].includes(run()?.state ?? ''), 40_000),
    /** The process of the agents. */
    agents: () => childrenOf(child.pid ?? 0)[0],
  }
}

/** Ids of the processes that a process has started. */
function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter((id) => id !== '')
      .map(Number),
  )
}

const wanted = { pairs: 5, textsPerSecond: 50, seconds: 3 }

describe('a load run', () => {
  for (const tls of [false, true])
    test(`[LR-5] over ${tls ? 'HTTPS' : 'HTTP'}: every text is accepted and delivered; [LR-6] nothing of it stays`, async () => {
      const server = await serve({ tls })
      server.send({ start: wanted })
      await eventually(() => server.run()?.state === 'running', 20_000)
      expect([server.objects(), server.sessions()]).toEqual([10, 5])
      await server.over()
      expect(server.run()).toMatchObject({ state: 'done', progress: 1, accepted: 150, delivered: 150, lost: 0 })
      const { latency } = server.run() as LoadRun
      expect(latency.p50).toBeGreaterThan(0)
      expect(latency.p99).toBeLessThanOrEqual(latency.max ?? 0)
      expect(server.run()).not.toHaveProperty('problem')
      await eventually(() => server.objects() === 0 && server.sessions() === 0, 5_000)
      expect(server.agents()).toBeUndefined()
    })

  test('[LR-3] what its process is told is in no list of processes', async () => {
    const server = await serve()
    server.send({ start: { ...wanted, seconds: 60 } })
    await eventually(() => server.run()?.state === 'running', 20_000)
    const agents = server.agents()
    expect(readFileSync(`/proc/${agents}/cmdline`, 'utf8')).toMatch(/load-run\/agents\.ts\0$/)
    expect(readFileSync(`/proc/${agents}/environ`, 'utf8')).not.toContain('load-')
    server.send({ stop: true })
    await server.over()
    expect(server.run()).toMatchObject({ state: 'stopped', lost: 0 })
    expect(server.run()?.delivered).toBe(server.run()?.accepted)
    expect(server.run()).not.toHaveProperty('problem')
    await eventually(() => server.objects() === 0 && server.sessions() === 0, 5_000)
  })

  test('[LR-6] a process of agents that is killed is told, and its agents are removed', async () => {
    const server = await serve()
    server.send({ start: { ...wanted, seconds: 60 } })
    await eventually(() => server.run()?.state === 'running', 20_000)
    process.kill(server.agents() ?? 0, 'SIGKILL')
    await server.over()
    expect(server.run()).toMatchObject({
      state: 'failed',
      problem: 'The process of the agents ended before its time: SIGKILL.',
    })
    await eventually(() => server.objects() === 0 && server.sessions() === 0, 5_000)
  })

  test('[LR-7] what a killed node has left behind is removed when it comes back, and its agents end with it', async () => {
    const before = await serve()
    before.send({ start: { ...wanted, seconds: 60 } })
    await eventually(() => before.run()?.state === 'running', 20_000)
    const agents = before.agents() ?? 0
    before.child.kill('SIGKILL')
    await eventually(() => !isRunning(agents), 5_000)
    const after = await serve()
    await eventually(() => after.objects() === 0 && after.sessions() === 0, 10_000)
    after.send({ start: { ...wanted, seconds: 1 } })
    await after.over()
    expect(after.run()).toMatchObject({ state: 'done', delivered: 50 })
  })

  test('[LR-6] a server that is told to stop removes the agents before', async () => {
    const before = await serve()
    before.send({ start: { ...wanted, seconds: 60 } })
    await eventually(() => before.run()?.state === 'running', 20_000)
    const ended = new Promise((resolve) => before.child.once('exit', resolve))
    before.send({ end: true })
    expect(await ended).toBe(0)
    const after = await serve()
    expect([after.objects(), after.sessions()]).toEqual([0, 0])
  })
})

describe('a load run of several nodes', () => {
  test('[LR-4] refuses another one, and [LR-7] goes with its node: the other removes what is left', async () => {
    const redis = join(directory, 'redis.sock')
    const options = ['--port', '0', '--unixsocket', redis, '--save', '']
    started.push(spawn('redis-server', options, { cwd: directory, stdio: 'ignore' }))
    const [one, two] = [await serve({ node: 'one', redis }), await serve({ node: 'two', redis })]
    one.send({ start: { ...wanted, seconds: 60 } })
    await eventually(() => one.run()?.state === 'running' && two.objects() === 10, 20_000)
    two.send({ start: wanted })
    await eventually(() => two.refusal() !== undefined, 5_000)
    expect(two.refusal()).toContain('a load run is going on at one')
    one.child.kill('SIGKILL')
    await eventually(() => two.objects() === 0 && two.sessions() === 0, 60_000)
    two.send({ start: { ...wanted, seconds: 1 } })
    await two.over()
    expect(two.run()).toMatchObject({ state: 'done', delivered: 50 })
  }, 120_000)
})

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
