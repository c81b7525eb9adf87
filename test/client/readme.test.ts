import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AgentClient } from '@ringdown/client'
import { expect, test } from 'vitest'
import { root } from '../repository/repository.ts'
import { startDemo } from './demo.ts'

const page = readFileSync(join(root, 'packages/client/README.md'), 'utf8')

test('[CL-29] the lines of the README hold a conversation as they are printed', async () => {
  const printed = /<!-- conversation:begin -->\s*```ts\n([\s\S]*?)```\s*<!-- conversation:end -->/.exec(page)?.[1]
  if (printed === undefined) throw new Error('no conversation is printed')
  const lines = printed.split('\n').filter((line) => line.trim() !== '')
  expect(lines.length).toBeLessThanOrEqual(12)
  const demo = await startDemo()
  try {
    const env = {
      ...process.env,
      RINGDOWN: demo.address,
      ANNA_PASSWORD: demo.passwords.anna,
      BEN_PASSWORD: demo.passwords.ben,
    }
    const args = ['--input-type=module-typescript', '--eval', printed]
    // Where the package is found by its name.
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: join(root, 'test'),
      env,
      timeout: 40_000,
    })
    expect(stdout).toBe('You said: Hello Ben\n')
  } finally {
    await demo.stop()
  }
})

test('the README describes every public method, and none that is not there', () => {
  const made = Object.getOwnPropertyNames(AgentClient.prototype).filter((name) => name !== 'constructor')
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  const described = new Set(rows.flatMap((row) => [...row.matchAll(/`(\w+)\(/g)].map((found) => found[1])))
  const getters = ['state', 'me', 'sessions', 'session']
  expect([...described].sort()).toEqual(made.filter((name) => !getters.includes(name)).sort())
  for (const name of getters) expect(page).toContain(`\`${name}\``)
})
