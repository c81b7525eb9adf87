import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keyOf, secretOf, signed } from './signature.ts'

const page = readFileSync(new URL('../../WEBHOOKS.md', import.meta.url), 'utf8')

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

test('[WH-53] the receiver of WEBHOOKS.md takes what is ours and new, and nothing else', async () => {
  const [, code] = /<!-- receiver:begin -->\n```js\n([\s\S]*?)```/.exec(page) ?? []
  if (code === undefined) throw new Error('WEBHOOKS.md has no receiver')
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-receiver-'))
  const secret = secretOf(Buffer.alloc(32, 3))
  const port = await freePort()
  writeFileSync(join(folder, 'receiver.mjs'), code)
  const child = spawn(process.execPath, [join(folder, 'receiver.mjs')], {
    env: { WEBHOOK_SECRET: secret, PORT: String(port) },
  })
  let said = ''
  child.stdout.on('data', (data) => {
    said += data
  })
  try {
    const body = JSON.stringify({ type: 'text.accepted' })
    const [key, other] = [keyOf(secret), Buffer.alloc(32, 4)]
    if (!key) throw new Error('the secret is one')
    const post = async (headers: Record<string, string>, sent = body) =>
      (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: sent })).status
    const id = 'msg_e_1_00000000'
    const good = () => signed(id, body, [key], Date.now())
    await expect.poll(() => post(good()).catch(() => 0), { timeout: 20_000 }).toBe(204)
    expect(said).toContain(`${id} text.accepted`)
    expect(await post(signed(id, body, [other, key], Date.now()))).toBe(204)
    expect(await post(signed(id, body, [other], Date.now()))).toBe(401)
    expect(await post(good(), `${body} `)).toBe(401)
    expect(await post(signed(id, body, [key], Date.now() - 600_000))).toBe(401)
    expect(await post({})).toBe(401)
  } finally {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})
