import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { blockOf, blocksWithoutName, deadLinks, PageFolder, readPage, root } from '../readme/page.ts'
import { freePorts, isTaken } from './support/ports.ts'

const page = readPage('deploy/kamailio/README.md')
let folder: PageFolder
let kamailioPort = 0
let httpPort = 0

beforeAll(async () => {
  const [http = 0, sip = 0, msrp = 0, registrar = 0, hears = 0, says = 0] = await freePorts(6)
  ;[httpPort, kamailioPort] = [http, registrar]
  const config = readPage('deploy/kamailio/registrar.cfg')
    .replace('REGISTRAR_PORT!5090!', `REGISTRAR_PORT!${registrar}!`)
    .replace('127.0.0.1:5060', `127.0.0.1:${sip}`)
  folder = new PageFolder({
    'deploy/kamailio/registrar.cfg': config,
    'deploy/lab/phone.xml': readPage('deploy/lab/phone.xml'),
    'test/load/sipp/receive.xml': readPage('test/load/sipp/receive.xml'),
  })
  // Only ports are others, as every one may be taken on this machine.
  folder.replace('init --yes', `init --yes --port ${http} --sip-port ${sip} --msrp-port ${msrp}`)
  for (const [printed, port] of Object.entries({
    ':8080': http,
    ':5090': registrar,
    ':5091': hears,
    '-p 5091': hears,
    '-p 5092': says,
  }))
    folder.replace(printed, `${printed.startsWith('-p') ? '-p ' : ':'}${port}`)
})
afterAll(() => folder?.close())

describe('the page for a lab with Kamailio', () => {
  test('installs what the tests install', () => {
    const run = readFileSync(join(root, 'test/run.ts'), 'utf8')
    const packages = /^apt-get install -y (.+)$/m.exec(blockOf(page, 'install'))?.[1]?.split(' ') ?? []
    expect(packages).toContain('kamailio')
    for (const name of packages) expect(run).toContain(`apt: '${name}'`)
  })

  test('leads from a clone to a session with a phone of Kamailio', async () => {
    await folder.run(page, 'servers')
    await until(() => isTaken(kamailioPort), 60_000, 'Kamailio does not listen')
    await until(() => isTaken(httpPort), 60_000, 'Ringdown does not listen')
    const { lines } = await folder.run(page, 'phone')
    const [login, transcript, sent] = lines.map((line) => JSON.parse(line) as unknown)
    expect(login).toMatchObject({ statusCode: 0 })
    expect(transcript).toMatchObject({ messages: [{ from: '9001', message: expect.stringMatching(/^Good morning/) }] })
    expect(sent).toMatchObject({ statusCode: 0 })
    const { stdout } = await folder.run(page, 'ladder', {
      replace: { '--as admin': `--as admin --address http://127.0.0.1:${httpPort}` },
    })
    expect(stdout).toMatch(/MESSAGE/)
    expect(stdout).toMatch(/EventEstablished/)
  })

  test('leads nowhere in vain', () => {
    expect(deadLinks(page, 'deploy/kamailio')).toEqual([])
    expect(blocksWithoutName(page)).toEqual([])
  })
})
