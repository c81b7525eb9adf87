import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { root } from './documented.ts'
import { Homer, Splitter } from './homer.ts'
import { Stage } from './stage.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function closes<T extends { close(): Promise<void> }>(opened: T): T {
  closing.push(() => opened.close())
  return opened
}

/** One text of an agent to a phone; the session's CallUUID. */
async function oneText(stage: Stage, transport: 'udp' | 'tcp'): Promise<string> {
  const phone = await stage.phone('8001', transport)
  const anna = await stage.desk(0)
  await anna.calls('8001', { customer: 'Zoe' })
  await anna.sees('Initiating', { peer: '8001' })
  await anna.sees('Talking', { peer: '8001' })
  const session = await anna.session()
  await anna.says('süß and secret')
  await phone.hears('süß and secret')
  await anna.completes()
  return session
}

const certificate = join(root, 'packages/server/src/testing/localhost.crt')
const tls = () => ({ cert: readFileSync(certificate), key: readFileSync(certificate.replace('.crt', '.key')) })

describe.each(['udp', 'tcp', 'tls'] as const)('by %s', (transport) => {
  test('[HP-1, HP-2, HP-3] Kamailio reads in every packet what was on the wire, and no text', async () => {
    const homer = closes(await Homer.open())
    const split =
      transport !== 'udp' && closes(await Splitter.open(homer.port, transport === 'tls' ? tls() : undefined))
    const { port } = split === false ? homer : split
    const phoneBy = transport === 'udp' ? 'udp' : 'tcp'
    const begun = Math.floor(Date.now() / 1000)
    const stage = closes(
      await Stage.open({
        hep: {
          ...{ host: 'localhost', port, transport, captureId: 4711, key: 'the-key' },
          ...(transport === 'tls' && { caFile: certificate }),
        },
      }),
    )
    const session = await oneText(stage, phoneBy)
    const sent = () => homer.read.filter(({ payload }) => payload.includes('CSeq: ') && payload.includes('MESSAGE'))
    await until(() => sent().some(({ payload }) => payload.startsWith('SIP/2.0 200')), 20_000, 'no answer was captured')

    const engine = `127.0.0.1:${stage.sipPort}`
    const [asked] = sent().filter(({ payload }) => payload.startsWith('MESSAGE '))
    const [answered] = sent().filter(({ payload }) => payload.startsWith('SIP/2.0 200'))
    expect([asked?.to, answered?.from]).toEqual([answered?.from, asked?.to])
    expect([asked?.correlation, answered?.correlation]).toEqual([session, session])
    // Over UDP it comes from where the engine listens; over TCP, by the phone's own connection.
    expect([asked?.from, answered?.to]).toEqual([engine, engine])
    // Texts keep their length, for the header says how long they are.
    const [head = '', body = ''] = asked?.payload.split('\r\n\r\n') ?? []
    expect(body).toMatch(/^\*+$/)
    expect(head).toContain(`Content-Length: ${body.length}`)

    const register = homer.read.find(({ payload }) => /^REGISTER [\s\S]*^Authorization: Digest /m.test(payload))
    expect(register?.to).toBe(engine)
    expect(register?.payload).toMatch(/response="\*+"/)
    for (const packet of homer.read) {
      const { version, family, protocol, type, agent, key, at, payload } = packet
      expect({ version, family, protocol, type, agent, key }).toEqual({
        ...{ version: '3', family: '2', protocol: transport === 'udp' ? '17' : '6', type: '1', agent: '4711' },
        key: 'the-key',
      })
      const [seconds, micros] = at.split('.').map(Number)
      expect(seconds).toBeGreaterThanOrEqual(begun)
      expect(seconds).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000))
      expect(micros).toBeLessThan(1_000_000)
      expect(payload).not.toContain('secret')
      expect(payload).not.toContain('Zoe')
    }
    await until(async () => (await stage.figure('ringdown_hep_queued_bytes')) === 0, 10_000, 'something still waits')
    expect(await stage.figure('ringdown_hep_drops_total')).toBe(0)
    expect(await stage.figure('ringdown_hep_messages_total')).toBeGreaterThanOrEqual(6)
  })
})

test('[HP-3] with whole bodies texts are captured, and credentials are not', async () => {
  const homer = closes(await Homer.open())
  const stage = closes(await Stage.open({ hep: { host: '127.0.0.1', port: homer.port, bodies: 'whole' } }))
  await oneText(stage, 'udp')
  const text = Buffer.from('süß and secret').toString('latin1')
  await until(() => homer.read.some(({ payload }) => payload.endsWith(text)), 20_000, 'no text was captured')
  expect(homer.read.some(({ payload }) => payload.includes('response="*'))).toBe(true)
})
