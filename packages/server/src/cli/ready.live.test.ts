import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { endAll, ringdown } from '../testing/server-process.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringdown-'))
})
afterEach(() => {
  endAll()
  rmSync(directory, { recursive: true, force: true })
})

const certificates = fileURLToPath(new URL('../testing/', import.meta.url))

async function ready(port: string) {
  const command = ringdown(['ready', '--port', port], directory)
  return { code: await command.ended, said: command.out() + command.err() }
}

test.each([
  ['HTTP', '0.0.0.0', ''],
  ['HTTPS', '127.0.0.1', `, tls: { certFile: ${certificates}localhost.crt, keyFile: ${certificates}localhost.key }`],
])(
  '[DE-5] ready asks a server over %s at %s; one that drains or is gone is not',
  async (_name, host, tls) => {
    writeFileSync(
      join(directory, 'ringdown.yaml'),
      `http: { host: ${host}, port: 0${tls} }
drain: { noticeMs: 60000 }
contactCentres: [{ id: sales, persons: [{ userName: root, password: root, roles: [admin] }] }]
`,
    )
    const server = ringdown(['serve'], directory)
    const port = new URL(await server.address()).port
    expect(await ready(port)).toMatchObject({ code: 0, said: expect.stringContaining('is ready') })

    server.child.kill('SIGTERM')
    let answer = await ready(port)
    for (let i = 0; i < 20 && answer.code === 0; i++) answer = await ready(port)
    expect(answer).toMatchObject({ code: 1, said: expect.stringMatching(/is not ready: draining/) })

    server.child.kill('SIGKILL')
    await server.ended
    expect(await ready(port)).toMatchObject({ code: 1, said: expect.stringContaining('does not answer') })
  },
  120_000,
)
