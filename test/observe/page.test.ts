import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blockOf, blocksWithoutName, deadLinks, PageFolder, readPage } from '../readme/page.ts'
import { documented, root } from './documented.ts'

const page = readPage('packages/server/OBSERVABILITY.md')
let folder: PageFolder

beforeAll(async () => {
  folder = new PageFolder()
  symlinkSync(join(root, 'deploy'), join(folder.path, 'deploy'))
  await folder.run(page, 'make-token')
  const token = blockOf(page, 'token').replace('0.0.0.0', '127.0.0.1')
  folder.write('ringdown.yaml', `${token}contactCentres: [{ id: acme }]\n`)
  await folder.serve()
})
afterAll(() => folder?.close())

test('[OB-9] the page has no command that is not run here, and no link that leads nowhere', () => {
  expect(blocksWithoutName(page)).toEqual([])
  for (const of of ['OBSERVABILITY', 'METRICS'])
    expect(deadLinks(readPage(`packages/server/${of}.md`), 'packages/server')).toEqual([])
  for (const [, name = ''] of page.matchAll(/`(ringdown_\w+)`/g)) expect(documented.has(name), name).toBe(true)
})

test('[OB-9] the metrics are there, with the token and without', async () => {
  const { lines } = await folder.run(page, 'scrape')
  expect(lines[0]).toBe('ringdown_ready 1')
  expect(JSON.parse(lines[1] ?? '')).toEqual({ status: 'ready', trouble: [] })
  const opened = await folder.run(page, 'use-token')
  expect(opened.lines).toHaveLength(1)
  expect(opened.lines[0]).toMatch(/^ringdown_build_info\{.*\} 1$/)
})

test('[OB-9] what is shipped for Prometheus is taken by promtool', async () => {
  const { stdout, stderr } = await folder.run(page, 'prometheus')
  expect(stdout + stderr).toContain('valid prometheus config file syntax')
  expect(stdout + stderr).toContain('Unit Testing')
})

test('[OB-9] the dashboards are copied to where the provider looks for them', async () => {
  const replace = { '/var/lib/grafana': 'var-grafana', '/etc/grafana/provisioning/': 'etc-grafana/' }
  await folder.shell('mkdir etc-grafana')
  await folder.run(page, 'grafana', { replace })
  const { lines } = await folder.shell('ls var-grafana/dashboards/ringdown etc-grafana etc-grafana/*')
  for (const name of ['ringdown-overview.json', 'datasources', 'dashboards', 'ringdown.yaml'])
    expect(lines).toContain(name)
})

test('[OB-9] the options for Homer and OpenTelemetry are ones', async () => {
  folder.write('homer-key', 'secret')
  folder.write('options.yaml', `${blockOf(page, 'hep')}${blockOf(page, 'otel')}contactCentres: [{ id: acme }]\n`)
  const { stdout, stderr } = await folder.shell('ringdown check-config options.yaml')
  expect(stdout + stderr).toContain('options.yaml is good')
})
