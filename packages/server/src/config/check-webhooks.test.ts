import { expect, test } from 'vitest'
import { secretOf } from '../webhooks/signature.ts'
import { loadConfig } from './load-config.ts'

const secret = secretOf(Buffer.alloc(32, 1))

function load(webhooks: string) {
  const text = `contactCentres:
  - id: acme
    webhooks:
${webhooks.replace(/^/gm, '      ')}
`
  return loadConfig(text, {
    env: { SECRET: secret },
    readFile: () => {
      throw Object.assign(new Error('gone'), { code: 'ENOENT' })
    },
  })
}
const hook = (more = '', url = 'https://hooks.example/in') =>
  `- name: crm
  url: ${url}
  secret: "\${SECRET}"
  events: [session.started]
${more.replace(/^/gm, '  ')}`

function mistakes(text: string): readonly string[] {
  const loaded = load(text)
  return 'mistakes' in loaded ? loaded.mistakes.map(({ message }) => message) : []
}

test('[WH-1] a webhook needs a name, a URL, a secret and events; the rest has its defaults', () => {
  const loaded = load(hook())
  if ('mistakes' in loaded) throw new Error(loaded.mistakes.map(({ message }) => message).join('\n'))
  const [webhook] = loaded.config.contactCentres[0]?.webhooks ?? []
  expect(webhook).toMatchObject({
    ...{ name: 'crm', url: 'https://hooks.example/in', events: ['session.started'], texts: false, dns: [], agents: [] },
    ...{
      timeoutMs: 15_000,
      parallel: 8,
      allowPrivate: [],
      retry: { firstMs: 5_000, maxMs: 14_400_000, forMs: 86_400_000 },
    },
  })
  expect(webhook?.secret.reveal()).toBe(secret)
  expect(JSON.stringify(loaded)).not.toContain(secret)
  expect(mistakes('- url: https://hooks.example/')).toHaveLength(3)
})

test('[WH-1] [WH-31] [WH-41] what cannot be sent to, or signed with, is a mistake, and neither is shown', () => {
  const told = mistakes(
    [
      hook('previousSecret: hush-hush'),
      hook('allowPrivate: [10.0.0.0/99]', 'https://user:hush@hooks.example/'),
      hook('', 'http://hooks.example/').replace('name: crm', 'name: other'),
      hook('retry: { firstMs: 60000, maxMs: 1000 }').replace('name: crm', 'name: third'),
    ].join('\n'),
  )
  expect(told).toEqual([
    expect.stringMatching(/^webhook crm: previousSecret must be whsec_ and 24 to 64 bytes/),
    'webhook crm: it is there twice',
    'webhook crm: url must hold no user and no password',
    'webhook crm: 10.0.0.0/99 is not an address or a network',
    expect.stringMatching(/^webhook other: url must begin with https:/),
    'webhook third: retry.firstMs is longer than retry.maxMs',
  ])
  expect(told.join('\n')).not.toMatch(/hush|hooks\.example/)
  expect(mistakes(hook().replace('session.started', 'session.begun'))).toEqual([
    expect.stringContaining('session.started'),
  ])
  expect(mistakes(hook().replace('[session.started]', '[]'))).toEqual([expect.stringContaining('at least 1')])
})

test('[WH-1] a filter that names what the file does not is warned of: the API may have made it', () => {
  const loaded = load(hook('dns: ["7001"]\nagents: [anna]'))
  if ('mistakes' in loaded) throw new Error('it is fine')
  expect(loaded.warnings.map(({ message }) => message)).toEqual([
    'webhook crm: there is no DN 7001 in this file',
    'webhook crm: there is no person anna in this file',
  ])
})
