import { scryptSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dnOf, loadPassword, userNameOf } from '../generator/tongue.ts'
import { freePort, waitFor } from './child.ts'
import { startRedis } from './redis.ts'
import { type RunningSubject, startNode } from './subject.ts'

export const stores = ['embedded', 'redis everysec', 'redis always'] as const
export type Store = (typeof stores)[number]

const program = fileURLToPath(new URL('../../../packages/server/src/main.ts', import.meta.url))

/** One hash for all, as cheap as scrypt gets: the test is about texts, not about thousands of logins in a minute. */
function cheapHash(): string {
  const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
  const salt = Buffer.alloc(16, 7)
  const key = scryptSync(loadPassword, salt, 32, { N: 2, r: 1, p: 1 })
  return `$scrypt$ln=1,r=1,p=1$${unpadded(salt)}$${unpadded(key)}`
}

/** A contact centre with so many agents, each with a place and a DN that chats without a SIP endpoint. */
export function configurationOf(agents: number, port: number, store: string, holdMs = 0): string {
  const all = Array.from({ length: agents }, (_, agent) => agent)
  const hash = cheapHash()
  return [
    `node: load-${port}`,
    `http: { host: 127.0.0.1, port: ${port} }`,
    'log: { level: warn }',
    `store: ${store}`,
    ...(holdMs > 0 ? [`ucAjax: { holdMs: ${holdMs} }`] : []),
    'contactCentres:',
    '  - id: load',
    '    switches: [{ name: Load }]',
    '    dns:',
    ...all.map((agent) => {
      const annex = agent === 0 ? '&chat { TServer: { multimedia: true, sip-signaling-chat: none } }' : '*chat'
      return `      - { number: "${dnOf(agent)}", switch: Load, annex: ${annex} }`
    }),
    '    places:',
    ...all.map((agent) => `      - { name: Place${agent}, dns: ["${dnOf(agent)}"] }`),
    '    agentLogins:',
    ...all.map((agent) => `      - { code: "${agent}", switch: Load }`),
    '    persons:',
    ...all.map(
      (agent) =>
        `      - { userName: ${userNameOf(agent)}, passwordHash: '${hash}', place: Place${agent}, agentLogins: ["${agent}"] }`,
    ),
    '',
  ].join('\n')
}

async function startNodeOf(dir: string, agents: number, store: string, holdMs: number | undefined) {
  const port = await freePort()
  const file = join(dir, `ringdown-${port}.yaml`)
  await writeFile(file, configurationOf(agents, port, store, holdMs))
  const child = startNode(program, ['serve', '--config', file], dir)
  const answers = async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).status === 200
  try {
    await waitFor(child, answers, 60_000)
  } catch (error) {
    await child.stop()
    throw error
  }
  return { port, child }
}

/** Starts our engine: one node, or several over one Redis; all on the server's core. Data in a directory that is removed. */
export async function startRingdown(options: {
  agents: number
  store: Store
  nodes?: number
  /** How long polls of UC AJAX are held, milliseconds. */
  holdMs?: number
}): Promise<RunningSubject> {
  const dir = await mkdtemp(join(tmpdir(), 'ringdown-load-'))
  const redis =
    options.store === 'embedded'
      ? undefined
      : await startRedis(options.store === 'redis always' ? 'always' : 'everysec')
  const store = redis ? `{ redis: { url: "redis://127.0.0.1:${redis.port}" } }` : '{ embedded: { directory: data } }'
  const nodes: Awaited<ReturnType<typeof startNodeOf>>[] = []
  const stop = async () => {
    for (const { child } of nodes) await child.stop()
    await redis?.stop()
    await rm(dir, { recursive: true, force: true })
  }
  try {
    for (let i = 0; i < (options.nodes ?? 1); i++)
      nodes.push(await startNodeOf(dir, options.agents, store, options.holdMs))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    target: {
      subject: 'ringdown',
      ports: nodes.map((node) => node.port),
      serverPids: nodes.map(({ child }) => child.pid),
      ...(redis ? { storePid: redis.pid } : {}),
    },
    probes: nodes.map(({ child }) => child.probe),
    output: () => nodes.map(({ child }) => child.output()).join('\n'),
    stop,
  }
}
