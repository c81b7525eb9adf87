import { afterAll, beforeAll, expect, test } from 'vitest'
import { documented, metricOf, ofTheProcess } from './documented.ts'
import { run } from './program.ts'
import { Stage } from './stage.ts'

let stage: Stage
let page: string

beforeAll(async () => {
  // Port 9: nobody is there. What is handed to collectors has metrics all the same.
  stage = await Stage.open({
    hep: { host: '127.0.0.1', port: 9 },
    otel: { url: 'http://127.0.0.1:9/v1/traces', percent: 100 },
  })
  const anna = await stage.desk(0)
  const phone = await stage.phone('8001')
  await anna.calls('8001')
  await anna.sees('Initiating', { peer: '8001' })
  await anna.sees('Talking', { peer: '8001' })
  await anna.says('hello')
  await phone.hears('hello')
  await anna.completes()
  await stage.messenger(1)
  page = await stage.metrics()
})
afterAll(() => stage?.close())

test('[OB-2] the page has exactly the metrics that are documented', () => {
  const exported = [...page.matchAll(/^# TYPE (ringdown_\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`)
  expect(exported.sort()).toEqual([...documented].map(([name, { type }]) => `${name} ${type}`).sort())
  for (const name of ofTheProcess) expect(page).toContain(`# TYPE ${name} `)
})

test('[OB-2] labels are those that are documented, and so are their values', () => {
  const series = [...page.matchAll(/^(ringdown_\w+)\{([^}]*)\} /gm)]
  expect(series.length).toBeGreaterThan(50)
  for (const [line, name = '', labels = ''] of series)
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      if (label === 'le') continue
      const known = documented.get(metricOf(name))?.labels
      expect(known?.has(label), line).toBe(true)
      const listed = known?.get(label)
      if (listed) expect([...listed], line).toContain(value)
    }
})

test('[OB-2] promtool has nothing against the page', async () => {
  expect(await run('promtool', ['check', 'metrics'], page)).toEqual({ code: 0, output: '' })
})

test('[OB-3, OB-4] what a node says of itself', async () => {
  expect(page).toMatch(/^ringdown_build_info\{version="[\d.]+",node="v24[\d.]+",store="embedded"\} 1$/m)
  expect(page).toContain('ringdown_ready 1')
  expect(page).toContain('ringdown_store_healthy{centre="stage"} 1')
  expect(page).toContain('ringdown_log_lines_total{level="error"} 0')
  expect(await stage.figure('ringdown_commits_total', 'committed')).toBeGreaterThan(3)
})
