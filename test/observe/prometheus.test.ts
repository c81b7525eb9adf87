import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, type Started, start } from './program.ts'
import { dashboards, PrometheusServer } from './prometheus-server.ts'
import { Stage } from './stage.ts'

const token = 'for-prometheus-only'
const folder = mkdtempSync(join(tmpdir(), 'ringdown-observe-'))
const socket = join(folder, 'redis.sock')
let redis: Started | undefined
let prometheus: PrometheusServer | undefined
const stages: Stage[] = []

const startRedis = () =>
  start('redis-server', [
    ...['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', ''],
    ...['--appendonly', 'yes', '--appendfsync', 'always'],
  ])

beforeAll(async () => {
  redis = startRedis()
  await eventually(
    async () => (redis?.said().includes('ready to accept') ? true : undefined),
    () => `no Redis: ${redis?.said()}`,
  )
  const settings = {
    store: { redis: { url: socket } },
    monitoring: { token },
    hep: { host: '127.0.0.1', port: 9 },
    otel: { url: 'http://127.0.0.1:9/v1/traces' },
  }
  for (const node of ['one', 'two']) stages.push(await Stage.open(settings, { node }))
  const [one = '', two = ''] = stages.map(({ server }) => new URL(server.address).host)
  prometheus = await PrometheusServer.start([one, two], token)
})
afterAll(async () => {
  await prometheus?.stop()
  for (const stage of stages) await stage.close()
  await redis?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function opened(): { prometheus: PrometheusServer; stage: Stage } {
  const [stage] = stages
  if (!prometheus || !stage) throw new Error('not opened')
  return { prometheus, stage }
}

test('[OB-6] Prometheus scrapes both nodes with the token and loads the rules', async () => {
  const { prometheus } = opened()
  await eventually(
    async () => ((await prometheus.query('up{job="ringdown"} == 1')).length === 2 ? true : undefined),
    () => 'not both nodes are up',
  )
  const rules = await eventually(
    async () => {
      const found = await prometheus.rules()
      return found.length > 20 && found.every(({ health }) => health !== 'unknown') ? found : undefined
    },
    () => 'the rules are not looked at',
  )
  for (const { name, health, lastError } of rules) expect(health, `${name}: ${lastError}`).toBe('ok')
})

/** Series that are not there before something has gone wrong. */
const onlyInTrouble = [
  'ringdown_late_deliveries_total',
  'ringdown_uc_ajax_tickets_refused_total',
  'ringdown_sip_drops_total',
  'ringdown_trace_discarded_bytes_total',
  'ringdown_trouble',
]

test('[OB-7] every query of every dashboard is answered, with data where something has happened', async () => {
  const { prometheus, stage } = opened()
  const phone = await stage.phone('8001')
  const messenger = await stage.messenger(1)
  const desk = await stage.desk(0)
  await desk.calls('8001')
  await desk.sees('Initiating', { peer: '8001' })
  await desk.sees('Talking', { peer: '8001' })
  await desk.says('hello')
  await phone.hears('hello')
  // A refusal, for there is nobody of this number.
  await desk.calls('4711').catch(() => undefined)
  await messenger.client.poll()
  const empty = new Set<string>()
  const ask = async () => {
    empty.clear()
    for (const { dashboard } of dashboards)
      for (const { title, targets = [] } of dashboard.panels)
        for (const { expr } of targets) {
          const query = expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m')
          const found = await prometheus.query(query)
          if (found.length === 0 && !onlyInTrouble.some((name) => expr.includes(name)))
            empty.add(`${dashboard.title}, ${title}: ${query}`)
        }
    return empty.size === 0 ? true : undefined
  }
  await eventually(ask, () => `no data for ${[...empty].join('\n')}`, 40_000)
  await desk.completes()
  await stage.empty()
})

test('[OB-6] the alert for a lost store fires while it is away, and ends', async () => {
  const { prometheus } = opened()
  expect(await prometheus.firing()).not.toContain('RingdownStoreDown')
  await redis?.stop()
  await eventually(
    async () => ((await prometheus.firing()).includes('RingdownStoreDown') ? true : undefined),
    () => 'no alert',
  )
  redis = startRedis()
  await eventually(
    async () => ((await prometheus.firing()).includes('RingdownStoreDown') ? undefined : true),
    () => 'the alert goes on',
  )
})
