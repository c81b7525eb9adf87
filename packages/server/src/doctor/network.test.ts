import { expect, test } from 'vitest'
import { embedded, fileSystemOf } from './embedded.ts'
import { names, namesIn } from './names.ts'
import { peers } from './peers.ts'
import { contextOf, fakeSystem } from './testing/context.ts'
import { trunks } from './trunks.ts'

const trunk = (contact: string, head = 'sip: { listen: [{ transport: udp }] }') => `${head}
contactCentres:
  - id: acme
    switches: [{ name: S }]
    dns: [{ number: pbx, type: Trunk, switch: S, annex: { TServer: { multimedia: true, contact: "${contact}", prefix: 9 } } }]
`
const told = (found: readonly { severity: string; what: string }[]) =>
  found.map(({ severity, what }) => `${severity}: ${what}`)

test('[DR-7] names of the configuration are looked up, each with where it stands', async () => {
  const yaml = `http: { externalUrl: https://im.example }
store: { redis: { url: redis://redis.example:6379 } }
msrp: { relay: { uri: "msrps://relay.example:2855;tcp", user: u, password: p } }
${trunk('sip:pbx.example:5070;transport=tcp')}`
  expect([...namesIn(contextOf(yaml).config)]).toEqual([
    ['redis.example', 'store.redis.url'],
    ['im.example', 'http.externalUrl'],
    ['relay.example', 'msrp.relay'],
    ['pbx.example', 'contact of DN pbx'],
  ])
  const look = async (answers: Record<string, string>) =>
    told(await names.look(contextOf(yaml, fakeSystem({}, { lookup: async (name) => answers[name] ?? ['192.0.2.1'] }))))
  expect(await look({})).toEqual(['ok: 4 names resolve; the slowest took 0 ms.'])
  expect(await look({ 'redis.example': 'ENOTFOUND', 'im.example': 'EAI_AGAIN' })).toEqual([
    'problem: The name redis.example (store.redis.url) does not resolve (ENOTFOUND).',
    'note: The name im.example (http.externalUrl) does not resolve (EAI_AGAIN).',
  ])
  expect(await names.look(contextOf('http: { host: 127.0.0.1 }'))).toEqual([])
})

test('[DR-7, DR-15] a resolver that does not answer is not waited for', async () => {
  const system = fakeSystem(
    {},
    {
      lookup: () => new Promise(() => undefined),
      clock: {
        now: () => 0,
        after: (_, run) => {
          queueMicrotask(run)
          return () => undefined
        },
      },
    },
  )
  expect(told(await names.look(contextOf(trunk('sip:pbx.example'), system)))).toEqual([
    'problem: The name pbx.example (contact of DN pbx) does not resolve (timeout).',
  ])
})

test('[DR-8] the directory of the embedded store', async () => {
  const gib = 1024 ** 3
  const look = async (facts: object, mounts = '/dev/sda1 / ext4 rw 0 0', agents = 100) => {
    const check = embedded(() => ({ free: 100 * gib, syncMs: 0.5, ...facts }))
    const yaml = 'store: { embedded: { directory: /var/lib/ringdown } }'
    return told(await check.look(contextOf(yaml, fakeSystem({ '/proc/mounts': mounts }), { agents })))
  }
  expect((await look({})).map((text) => text.split(':')[0])).toEqual(['ok', 'ok'])
  expect((await look({ failure: 'EROFS' }))[0]).toMatch(/^problem: Nothing can be written to \/\S* \(EROFS\)\./)
  expect((await look({}, 'server:/export /var nfs4 rw 0 0'))[0]).toMatch(
    /^problem: .* is on a network file system \(nfs4\)/,
  )
  expect((await look({}, 'tmpfs /var tmpfs rw 0 0'))[0]).toMatch(/^limit: .* is in memory/)
  expect((await look({ syncMs: 25 }))[0]).toMatch(/^note: A write is on the disk after 25\.0 ms/)
  expect((await look({ syncMs: 250 }))[0]).toMatch(/^limit: .* Every text waits for one\./)
  expect((await look({ free: gib / 2 }))[1]).toMatch(/^limit: 512 MiB are free/)
  expect((await look({ free: gib / 2 }, undefined, 500))[1]).toMatch(/^problem: /)
  expect(await embedded().look(contextOf('store: { redis: { url: redis://h } }'))).toEqual([])
  const mounts = { readText: () => 'a / ext4 r 0 0\nb /mnt/with\\040space xfs r 0 0\nc /mnt cifs r 0 0' }
  expect(['/x', '/mnt/with space/y', '/mnt/z', '/mntz'].map((path) => fileSystemOf(mounts, path))).toEqual([
    'ext4',
    'xfs',
    'cifs',
    'ext4',
  ])
})

test('[DR-10] trunks are asked with OPTIONS, and what comes back is told', async () => {
  const closed: string[] = []
  const answering = (status: number, received = true) =>
    trunks(async () => ({
      request: async ({ method, to }) => {
        expect([method, to.uri]).toEqual(['OPTIONS', 'sip:192.0.2.9'])
        const header = () => undefined
        return {
          status,
          reason: 'Reason',
          received,
          header,
          headers: () => [],
          contentType: undefined,
          body: new Uint8Array(),
        }
      },
      close: async () => void closed.push('closed'),
    }))
  const look = async (status: number, received?: boolean) =>
    told(await answering(status, received).look(contextOf(trunk('192.0.2.9'))))
  expect(await look(200)).toEqual(['ok: The trunk pbx answers OPTIONS at sip:192.0.2.9 with 200 Reason after 0 ms.'])
  expect(await look(403)).toEqual([
    'note: The trunk pbx answers OPTIONS at sip:192.0.2.9 with 403 Reason after 0 ms: it lives, but may not know us.',
  ])
  expect((await look(503))[0]).toMatch(/^limit/)
  expect(await look(408, false)).toEqual([
    'problem: The trunk pbx does not answer OPTIONS at sip:192.0.2.9: no answer within 4 s.',
  ])
  expect((await look(503, false))[0]).toContain('there is no way to it')
  expect(closed).toHaveLength(5)
  expect(told(await trunks().look(contextOf(trunk('192.0.2.9', ''))))).toEqual([
    'problem: There are trunks (DN pbx), and no SIP listener to reach them by.',
  ])
  expect(await trunks().look(contextOf(''))).toEqual([])
})

test('[DR-10] servers that are named besides are connected to', async () => {
  const yaml = `sip: { drachtio: { host: d.example, secret: s } }
msrp: { relay: { uri: "msrps://[2001:db8::1];tcp", user: u, password: p } }
hep: { host: 192.0.2.7 }
otel: { url: http://192.0.2.8:4318/v1/traces }`
  const asked: unknown[] = []
  const system = fakeSystem(
    {},
    {
      tryConnect: async ({ host, port }, { tls }) => {
        asked.push([host, port, tls])
        return host === 'd.example' ? 'ECONNREFUSED' : host === '192.0.2.8' ? 'timeout' : undefined
      },
    },
  )
  expect(told(await peers.look(contextOf(yaml, system)))).toEqual([
    'problem: drachtio-server cannot be connected to at d.example:9022 (ECONNREFUSED).',
    'ok: The MSRP relay answers at 2001:db8::1:2855.',
    'limit: The collector of otel cannot be connected to at 192.0.2.8:4318 (timeout).',
    'note: Whether anybody listens at 192.0.2.7:9060 (hep) cannot be told: UDP is not answered.',
  ])
  expect(asked).toEqual([
    ['d.example', 9022, false],
    ['2001:db8::1', 2855, true],
    ['192.0.2.8', 4318, false],
  ])
})
