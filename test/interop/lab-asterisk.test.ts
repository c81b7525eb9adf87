import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { blocksWithoutName, deadLinks, PageFolder, readPage } from '../readme/page.ts'
import { debianWithAsterisk } from './support/debian.ts'
import { freePorts, isTaken } from './support/ports.ts'

const page = readPage('deploy/asterisk/README.md')
let folder: PageFolder
let etc = ''
let httpPort = 0

/** What Asterisk needs to run from a folder of the test's, in the Debian it is installed in. */
function installation(debian: string): string {
  etc = mkdtempSync(join(debian, 'tmp', 'ringdown-'))
  const inside = etc.slice(debian.length)
  const folders = ['astetcdir', 'astdbdir', 'astspooldir', 'astrundir', 'astlogdir', 'astcachedir']
  writeFileSync(
    join(etc, 'asterisk.conf'),
    `[directories]\n${folders.map((name) => `${name} => ${inside}\n`).join('')}`,
  )
  return `#!/bin/sh\nexec chroot '${debian}' asterisk -C '${inside}/asterisk.conf' "$@"\n`
}

beforeAll(async () => {
  const [http = 0, sip = 0, msrp = 0, asterisk = 0] = await freePorts(4)
  httpPort = http
  const configs = ['pjsip', 'extensions', 'modules'].map((name) => {
    const text = readPage(`deploy/asterisk/${name}.conf`)
    return [
      `deploy/asterisk/${name}.conf`,
      text.replaceAll('127.0.0.1:5066', `127.0.0.1:${asterisk}`).replaceAll('127.0.0.1:5060', `127.0.0.1:${sip}`),
    ]
  })
  folder = new PageFolder(Object.fromEntries(configs))
  folder.write('.bin/asterisk', installation(await debianWithAsterisk()))
  chmodSync(join(folder.path, '.bin/asterisk'), 0o755)
  folder.replace('/etc/asterisk/', etc)
  folder.replace('init --yes', `init --yes --port ${http} --sip-port ${sip} --msrp-port ${msrp}`)
  folder.replace(':8080', `:${http}`)
  folder.replace(':5066', `:${asterisk}`)
})
afterAll(async () => {
  // It has put itself into the background, as it does where the page is read.
  await folder?.shell("asterisk -rx 'core stop now'").catch(() => undefined)
  await folder?.close()
  if (etc !== '') rmSync(etc, { recursive: true, force: true })
})

describe('the page for a lab with Asterisk', () => {
  test('leads from a clone to a session with the dialplan', async () => {
    const { stdout } = await folder.run(page, 'asterisk')
    expect(stdout).toMatch(/ringdown\s/)
    await folder.run(page, 'ringdown')
    await until(() => isTaken(httpPort), 60_000, 'Ringdown does not listen')
    const { lines } = await folder.run(page, 'session')
    const [login, initiated, sent, transcript, completed] = lines.map((line) => JSON.parse(line) as unknown)
    for (const answer of [login, initiated, sent, completed]) expect(answer).toMatchObject({ statusCode: 0 })
    expect(transcript).toMatchObject({
      messages: [{ message: 'Is anybody there?' }, { from: '6999', message: 'You wrote: Is anybody there?' }],
    })
  })

  test('leads nowhere in vain', () => {
    expect(deadLinks(page, 'deploy/asterisk')).toEqual([])
    expect(blocksWithoutName(page)).toEqual([])
  })
})
