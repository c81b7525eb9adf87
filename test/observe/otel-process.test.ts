import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { root } from './documented.ts'
import { Collector } from './otlp.ts'
import { eventually, type Started, start } from './program.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const main = `${root}packages/server/src/main.ts`

/** A file in a folder of its own, which is gone after the test. */
function write(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-otel-'))
  closing.push(async () => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, name), text)
  return folder
}

/** `ringdown serve` in a process of its own, and where it listens. */
async function serve(folder: string, before: readonly string[] = []): Promise<{ engine: Started; address: string }> {
  const engine = start(process.execPath, [...before, main, 'serve', '--port', '0'], folder)
  closing.push(() => engine.stop())
  const address = await eventually(
    async () => /Ringdown serves .* at (http:[^\s,]+)/.exec(engine.said())?.[1],
    () => `it does not listen: ${engine.said()}`,
  )
  return { engine, address }
}

test('[OT-5] a process ends by itself though its collectors hang', async () => {
  const collector = await Collector.open('hangs')
  closing.push(() => collector.close())
  const folder = write(
    'ringdown.yaml',
    `store: { embedded: { directory: data } }
sip: { listen: [{ transport: udp, port: 0 }] }
hep: { host: collector.invalid, transport: tcp }
otel: { url: "${collector.url}", percent: 100 }
contactCentres: [{ id: acme }]
`,
  )
  const { engine, address } = await serve(folder)
  for (let i = 0; i < 300; i++) await fetch(`${address}/api/v2/version`)
  engine.kill('SIGTERM')
  expect(await engine.ended, engine.said()).toBe(0)
})

test('[OT-1] without the option nothing of OpenTelemetry is loaded, and with it it is', async () => {
  const hooks = `import { registerHooks } from 'node:module'
registerHooks({
  resolve(name, context, next) {
    // prom-client brings the bare interface along, which does nothing.
    if (name.startsWith('@opentelemetry/') && !context.parentURL.includes('/prom-client/')) console.log('loaded ' + name)
    return next(name, context)
  },
})
`
  const loaded = async (settings: string) => {
    const folder = write(
      'ringdown.yaml',
      `${settings}\nstore: { embedded: { directory: data } }\ncontactCentres: [{ id: acme }]\n`,
    )
    writeFileSync(join(folder, 'hooks.mjs'), hooks)
    const { engine } = await serve(folder, ['--import', join(folder, 'hooks.mjs')])
    return engine.said().includes('loaded @opentelemetry/')
  }
  expect(await loaded('')).toBe(false)
  expect(await loaded('otel: { url: "http://127.0.0.1:9/v1/traces" }')).toBe(true)
})
