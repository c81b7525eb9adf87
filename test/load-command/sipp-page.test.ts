import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { freePorts } from '../interop/support/ports.ts'
import { blocksOf, blocksWithoutName, deadLinks, PageFolder, readPage, root } from '../readme/page.ts'
import { until } from './site.ts'

// The commands of the SIPp kit's page, in their order, as a person pastes them into one shell: on free ports, in a copy of what they name.
const patience = 180_000
const page = readPage('test/load/sipp/README.md')
const folder = new PageFolder()
let http = 0

/** What every block has of the ones before. */
const passwords = {
  ANNA_PASSWORD: 'anna-secret',
  BEN_PASSWORD: 'ben-secret',
  PHONE_PASSWORD: 'phone-secret',
  CLIENT_PASSWORD: 'client-secret',
}

beforeAll(async () => {
  for (const part of ['deploy/sip.yaml', 'test/load/sipp']) {
    mkdirSync(join(folder.path, part, '..'), { recursive: true })
    cpSync(join(root, part), join(folder.path, part), { recursive: true })
  }
  const [web = 0, sip = 0, ws = 0, msrp = 0] = await freePorts(4)
  http = web
  folder.write(
    'deploy/sip.yaml',
    folder
      .read('deploy/sip.yaml')
      .replace('port: 8080', `port: ${web}`)
      .replaceAll('5060', String(sip))
      .replace('5066', String(ws))
      .replace('2855', String(msrp)),
  )
  folder.replace(':5060', `:${sip}`)
  folder.replace(':8080', `:${web}`)
})
afterAll(() => folder.close())

const inKit = (name: string) =>
  folder.shell(`cd test/load/sipp\n${blocksOf(page).find((block) => block.name === name)?.text}`, {
    env: passwords,
    deadlineMs: patience,
  })

describe("the SIPp kit's page", () => {
  test('begins with how SIPp is installed, and has no command that no test runs', () => {
    expect(page).toMatch(/^# SIPp against Ringdown\n\n```\napt-get install sip-tester\n```\n/)
    expect(blocksWithoutName(page)).toEqual([])
    expect(deadLinks(page, 'test/load/sipp')).toEqual([])
  })

  test(
    'has commands that work as they are printed',
    async () => {
      const { stdout } = await folder.run(page, 'sipp-engine')
      expect(stdout).toContain('is good')
      const isReady = () =>
        fetch(`http://127.0.0.1:${http}/health/ready`).then(
          ({ status }) => status === 200,
          () => false,
        )
      await until(isReady, () => folder.read('ringdown.log'))
      await folder.run(page, 'sipp-callers', { env: passwords })
      for (const name of ['sipp-register', 'sipp-message', 'sipp-unknown']) await inKit(name)
      expect((await inKit('sipp-invite')).stdout).toContain('{"statusCode":0}')
    },
    patience,
  )

  test(
    'plays all of it with an engine of its own',
    async () => {
      const commands = blocksOf(page).find(({ name }) => name === 'sipp-run')?.text ?? ''
      expect(commands.trim().split('\n')).toHaveLength(3)
      // As printed, but for fewer calls: it is not the rate that is tested.
      const few = commands
        .replace('--calls 5000 --rate 500', '--calls 10 --rate 10')
        .replace('run.ts     ', 'run.ts --calls 10 --rate 10     ')
      const { stdout } = await folder.shell(`cd ${root}\n${few}`, { deadlineMs: patience })
      expect(stdout).toMatch(/^register +10 +10 +0 +0 /m)
      expect(stdout).toMatch(/^unknown +2 +2 +0 +0 /m)
      expect(stdout).toContain('Usage: node test/load/sipp/run.ts')
    },
    patience,
  )

  test(
    'shows an engine for --target that can be used',
    () => {
      const shown = blocksOf(page).find(({ language }) => language === 'yaml')?.text ?? ''
      folder.write('target.yaml', shown)
      const { sip, contactCentres } = parse(shown) as { sip: { digest: string }; contactCentres: { dns: unknown[] }[] }
      expect([sip.digest, contactCentres[0]?.dns.length]).toEqual(['MD5', 4])
      return folder.shell('ringdown check-config target.yaml')
    },
    patience,
  )
})
