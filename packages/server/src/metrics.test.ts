import { expect, test } from 'vitest'
import { uncounted } from './metrics/uncounted.ts'
import { createMetrics } from './metrics.ts'

const series = (page: string, name: string) => page.split('\n').filter((line) => line.startsWith(name))
const demo = { sessions: new Map([['demo', async () => ({ dialing: 1, talking: 2 })]]) }

test('[SV-21] counts what the engine did', async () => {
  const metrics = createMetrics(demo)
  metrics.meter.text()
  metrics.meter.commit()()
  metrics.meter.refused('TERR_DEST_INV_STATE')
  metrics.meter.refused('wrongCredentials')
  metrics.cometd.clients(3)
  metrics.cometd.queuedBytes(4096)
  metrics.cometd.gap()
  metrics.http({ method: 'POST', route: '/api/v2/me', status: 200, ms: 3 })
  const page = await metrics.text()
  for (const line of [
    'ringdown_sessions{centre="demo",state="dialing"} 1',
    'ringdown_sessions{centre="demo",state="talking"} 2',
    'ringdown_texts_total 1',
    'ringdown_commit_seconds_count 1',
    'ringdown_refusals_total{reason="TERR_DEST_INV_STATE"} 1',
    'ringdown_refusals_total{reason="wrongCredentials"} 1',
    'ringdown_cometd_clients 3',
    'ringdown_cometd_queued_bytes 4096',
    'ringdown_cometd_gaps_total 1',
    'ringdown_http_request_seconds_count{method="POST",route="/api/v2/me",status="2xx"} 1',
  ])
    expect(page.split('\n')).toContain(line)
  expect(page).toContain('process_cpu_seconds_total')
})

test('[SV-21] what a client sends makes no series', async () => {
  const metrics = createMetrics(demo)
  for (let i = 0; i < 2_000; i++) {
    metrics.meter.refused(`made up ${i}`)
    metrics.http({ method: `M${i}`, route: undefined, status: 1_000 + i, ms: 1 })
    metrics.http({ method: 'GET', route: `/built/from/input/${i}`, status: 200, ms: 1 })
  }
  const page = await metrics.text()
  expect(series(page, 'ringdown_refusals_total')).toEqual(['ringdown_refusals_total{reason="other"} 2000'])
  expect(series(page, 'ringdown_http_request_seconds_count').length).toBeLessThanOrEqual(302)
  expect(page).toContain('ringdown_http_request_seconds_count{method="other",route="none",status="other"} 2000')
})

test('[SV-21] a store that does not answer leaves a hole, not an old number', async () => {
  let down = false
  const count = async () => {
    if (down) throw new Error('down')
    return { dialing: 0, talking: 5 }
  }
  const metrics = createMetrics({ sessions: new Map([['demo', count]]) })
  expect(series(await metrics.text(), 'ringdown_sessions{')).toHaveLength(2)
  down = true
  expect(series(await metrics.text(), 'ringdown_sessions{')).toHaveLength(0)
})

test('[SV-21] what SIP holds, answers and drops is counted; a method of a peer makes no series', async () => {
  const held = { legs: 3, dialogs: 2, transactions: 5, msrpSessions: 1, msrpConnections: 1 }
  const metrics = createMetrics({ sessions: new Map(), sip: () => held })
  metrics.sip.answered('MESSAGE', 202)
  metrics.sip.answered('X'.repeat(40), 405)
  for (let i = 0; i < 60; i++) metrics.sip.dropped('sip', `reason ${i}`)
  const text = await metrics.text()
  expect(text).toContain('ringdown_sip_held{kind="legs"} 3')
  expect(text).toContain('ringdown_sip_answers_total{method="MESSAGE",status="2xx"} 1')
  expect(text).toContain('ringdown_sip_answers_total{method="other",status="4xx"} 1')
  expect(text).toContain('ringdown_sip_drops_total{protocol="sip",reason="other"} 10')
})

test('[SV-21] what clients of UC AJAX do is counted', async () => {
  const metrics = createMetrics({ sessions: new Map() })
  metrics.ucAjax.sessions(7)
  metrics.ucAjax.polled(3, false)
  metrics.ucAjax.polled(0, true)
  metrics.ucAjax.refused('unknownTicket')
  for (let i = 0; i < 60; i++) metrics.ucAjax.refused(`made up ${i}`)
  const page = await metrics.text()
  for (const line of [
    'ringdown_uc_ajax_sessions 7',
    'ringdown_uc_ajax_polls_total{held="false"} 1',
    'ringdown_uc_ajax_polls_total{held="true"} 1',
    'ringdown_uc_ajax_events_total 3',
    'ringdown_uc_ajax_tickets_refused_total{reason="unknownTicket"} 1',
    'ringdown_uc_ajax_tickets_refused_total{reason="other"} 60',
  ])
    expect(page.split('\n')).toContain(line)
})

test('[OB-3] a node says whether it is ready and why not, which stores take writes, and what they told', async () => {
  let trouble: ('draining' | 'store')[] = []
  const notices = new Map([
    ['the store takes writes', 2],
    ['some other notice', 1],
  ])
  const metrics = createMetrics({
    sessions: new Map(),
    self: {
      version: '1.2.3',
      store: 'redis',
      trouble: () => trouble,
      healthy: new Map([['acme', () => !trouble.includes('store')]]),
      notices,
      lines: { warn: 4, error: 1 },
    },
  })
  metrics.meter.commit()('committed')
  metrics.meter.commit()('conflict')
  metrics.meter.commit()()
  const lines = async () => (await metrics.text()).split('\n')
  for (const line of [
    `ringdown_build_info{version="1.2.3",node="${process.version}",store="redis"} 1`,
    'ringdown_ready 1',
    'ringdown_trouble{kind="store"} 0',
    'ringdown_store_healthy{centre="acme"} 1',
    'ringdown_store_notices_total{notice="writable"} 2',
    'ringdown_store_notices_total{notice="newEpoch"} 0',
    'ringdown_store_notices_total{notice="other"} 1',
    'ringdown_log_lines_total{level="error"} 1',
    'ringdown_commits_total{outcome="committed"} 1',
    'ringdown_commits_total{outcome="conflict"} 1',
    'ringdown_commit_seconds_count 3',
  ])
    expect(await lines()).toContain(line)
  trouble = ['draining', 'store']
  for (const line of [
    'ringdown_ready 0',
    'ringdown_trouble{kind="store"} 1',
    'ringdown_store_healthy{centre="acme"} 0',
  ])
    expect(await lines()).toContain(line)
})

test('[SE-23] refusals for a limit are counted by protocol and limit, those of a login among them', async () => {
  const metrics = createMetrics({ sessions: new Map() })
  metrics.limit('http', 'connections')
  metrics.limit('sip', 'passwords')
  metrics.limit('sip', 'made up by somebody')
  metrics.meter.refused('tooManyAttempts')
  metrics.meter.refused('tooManyRequests')
  metrics.meter.refused('busy')
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('ringdown_limits_reached_total{'))
  expect(lines.sort()).toEqual([
    'ringdown_limits_reached_total{protocol="http",limit="connections"} 1',
    'ringdown_limits_reached_total{protocol="http",limit="passwords"} 1',
    'ringdown_limits_reached_total{protocol="http",limit="requestsPerPerson"} 1',
    'ringdown_limits_reached_total{protocol="sip",limit="other"} 1',
    'ringdown_limits_reached_total{protocol="sip",limit="passwords"} 1',
  ])
})

test('[OB-8] without counting, what happens leaves no trace, and what is asked for at a scrape is there', async () => {
  const metrics = uncounted(createMetrics(demo))
  metrics.meter.text()
  metrics.meter.commit()('committed')
  metrics.meter.refused('busy')
  metrics.cometd.gap()
  metrics.delivered('sip', 3)
  metrics.http({ method: 'GET', route: '/x', status: 200, ms: 1 })
  metrics.sip.answered('MESSAGE', 200)
  const page = await metrics.text()
  expect(page).toContain('ringdown_sessions{centre="demo",state="talking"} 2')
  expect(page).toContain('ringdown_texts_total 0')
  for (const name of ['ringdown_commits_total{', 'ringdown_refusals_total{', 'ringdown_http_request_seconds_count{'])
    expect(series(page, name)).toEqual([])
})
