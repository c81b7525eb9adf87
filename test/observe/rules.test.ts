import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { headings, root, undocumentedIn } from './documented.ts'
import { run } from './program.ts'
import { dashboards, rulesFile, shipped } from './prometheus-server.ts'

interface Rule {
  alert?: string
  record?: string
  expr: string
  labels?: { severity: string }
  annotations?: { summary: string; description: string; runbook: string }
}
const { groups } = parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)
const alerts = rules.filter(({ alert }) => alert !== undefined)
const recorded = new Set(rules.flatMap(({ record }) => record ?? []))
const folder = mkdtempSync(join(tmpdir(), 'ringdown-rules-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('[OB-5] promtool takes the configuration and its rules', async () => {
  cpSync(shipped, folder, { recursive: true })
  writeFileSync(join(folder, 'ringdown-token'), 'secret')
  const { code, output } = await run('promtool', [
    'check',
    'config',
    '--lint=all',
    '--lint-fatal',
    join(folder, 'prometheus.yml'),
  ])
  expect(code, output).toBe(0)
  expect(output).toContain(`${rules.length} rules found`)
})

test('[OB-5] each alert fires on what it is made for and is silent on good series', async () => {
  const tests = join(shipped, 'rules/ringdown.rules.test.yml')
  const { code, output } = await run('promtool', ['test', 'rules', tests])
  expect(code, output).toBe(0)
  const { tests: cases } = parse(readFileSync(tests, 'utf8')) as { tests: { name: string }[] }
  const names = new Set(cases.map(({ name }) => name))
  for (const { alert } of alerts) for (const does of ['fires', 'is silent']) expect(names).toContain(`${alert} ${does}`)
})

test('[OB-5] a rule that is broken would be noticed', async () => {
  const broken = readFileSync(rulesFile, 'utf8').replace(
    'ringdown_ready{job="ringdown"} == 0',
    'ringdown_ready{job="ringdown"} == 1',
  )
  writeFileSync(join(folder, 'ringdown.rules.yml'), broken)
  cpSync(join(shipped, 'rules/ringdown.rules.test.yml'), join(folder, 'ringdown.rules.test.yml'))
  expect((await run('promtool', ['test', 'rules', 'ringdown.rules.test.yml'], '', folder)).code).not.toBe(0)
})

test('[OB-5] rules ask for what is documented; alerts say how bad it is, what it is and where to read on', () => {
  expect(alerts.length).toBeGreaterThan(15)
  for (const { alert, record, expr, labels, annotations } of rules) {
    expect(undocumentedIn(expr, recorded), alert ?? record).toEqual([])
    if (alert === undefined) continue
    expect(['critical', 'warning', 'info']).toContain(labels?.severity)
    expect(annotations?.summary.length).toBeGreaterThan(10)
    expect(annotations?.description).toMatch(/[.]$/)
    const [page, heading = ''] = annotations?.runbook.split('#') ?? []
    expect(page).toBe('packages/server/METRICS.md')
    expect(headings).toContain(heading)
  }
})

test('[OB-7] dashboards have the form Grafana reads and a data source that exists', () => {
  const source = parse(readFileSync(join(root, 'deploy/grafana/provisioning/datasources/ringdown.yaml'), 'utf8')) as {
    datasources: { uid: string; type: string }[]
  }
  const provider = parse(readFileSync(join(root, 'deploy/grafana/provisioning/dashboards/ringdown.yaml'), 'utf8')) as {
    providers: { type: string; options: { path: string } }[]
  }
  expect(source.datasources).toMatchObject([{ uid: 'ringdown-prometheus', type: 'prometheus' }])
  expect(provider.providers).toMatchObject([
    { type: 'file', options: { path: '/var/lib/grafana/dashboards/ringdown' } },
  ])
  expect(new Set(dashboards.map(({ dashboard }) => dashboard.uid)).size).toBe(dashboards.length)
  for (const { file, dashboard } of dashboards) {
    const { uid, title, schemaVersion, panels, templating } = dashboard
    expect(file).toBe(`${uid}.json`)
    expect(uid).toMatch(/^[a-z0-9-]{1,40}$/)
    expect(title).toMatch(/^Ringdown: /)
    expect(schemaVersion).toBeGreaterThanOrEqual(36)
    const datasource = templating.list.find(({ name }) => name === 'datasource')
    expect(datasource).toMatchObject({
      type: 'datasource',
      query: 'prometheus',
      current: { value: 'ringdown-prometheus' },
    })
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    for (const panel of panels) {
      const { x, w } = panel.gridPos
      expect(x + w, panel.title).toBeLessThanOrEqual(24)
      if (panel.type === 'row') continue
      expect(panel.datasource?.type, panel.title).toBe('prometheus')
      expect(panel.datasource?.uid, panel.title).toMatch(/^\$\{datasource\}$/)
      expect(panel.description, panel.title).toMatch(/[.]$/)
      const { targets = [] } = panel
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
      expect(targets.length, panel.title).toBeGreaterThan(0)
      for (const { expr } of targets) expect(undocumentedIn(expr, recorded), panel.title).toEqual([])
    }
    // No panel lies over another.
    for (const [i, a] of panels.entries())
      for (const b of panels.slice(i + 1))
        expect(overlap(a.gridPos, b.gridPos), `${a.title} and ${b.title}`).toBe(false)
  }
})

type Place = (typeof dashboards)[number]['dashboard']['panels'][number]['gridPos']
const overlap = (a: Place, b: Place) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

test('[OB-5, OB-7] what is not documented is noticed', () => {
  expect(undocumentedIn('rate(ringdown_texts_total[1m])')).toEqual([])
  expect(undocumentedIn('ringdown_nothing_total')).toEqual(['ringdown_nothing_total'])
  expect(undocumentedIn('sum by (who) (ringdown_sip_held{sort="legs"})')).toEqual([
    'ringdown_sip_held{sort}',
    'by (who)',
  ])
  expect(undocumentedIn('ringdown_sip_held{kind="leg"}')).toEqual(['ringdown_sip_held{kind="leg"}'])
})
