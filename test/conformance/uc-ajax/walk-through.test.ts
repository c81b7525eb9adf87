import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { stringify } from 'yaml'
import { Node } from '../../faults/engine.ts'
import { readExchanges, timeless } from './exchange.ts'
import { play } from './player.ts'
import { exampleCentre, type Site } from './site.ts'

const exchanges = readExchanges().get('5-walk-through.txt') ?? []

describe('the walk-through', () => {
  for (const exchange of exchanges) test(`${exchange.title}, as printed, at one node`, () => play(exchange))
})

describe('at a server of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-walk-'))
  let node: Node | undefined

  beforeAll(async () => {
    const file = join(folder, 'config.yaml')
    const server = { http: { host: '127.0.0.1', port: 0 }, log: { level: 'warn' } }
    const store = { embedded: { directory: 'store' } }
    const ucAjax = { domain: 'example.com' }
    writeFileSync(file, stringify({ node: 'walk', ...server, store, ucAjax, contactCentres: [exampleCentre] }))
    node = new Node(file, folder, () => undefined)
    await node.ready()
  })
  afterAll(async () => {
    await node?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const exchange of exchanges)
    test(`${exchange.title}, as printed, but for the seconds that are left`, async () => {
      if (!node) throw new Error('no server')
      await play(timeless(exchange), serverSite(node))
    })
})

/** What nobody can look behind; its clock runs. */
function serverSite(node: Node): Site {
  const unknown = () => Promise.reject(new Error('only the API is there'))
  return {
    addresses: [node.address],
    pass: (seconds) => sleep(seconds * 1_000),
    elsewhere: unknown,
    state: () => Promise.resolve(undefined),
    close: () => Promise.resolve(),
  }
}
