import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../testing/manual-clock.ts'
import { incomingRequest } from '../../testing/sip-incoming.ts'
import type { SipSource } from '../ports.ts'
import { SourceLimit } from './source-limit.ts'

const nobody = async () => false

function setUp(perSecond = 10) {
  const clock = new ManualClock()
  const refused: number[] = []
  let dice = 0.99
  const limit = new SourceLimit({
    clock,
    perSecond,
    isExempt: ({ address }) => address === '192.0.2.99',
    random: () => dice,
    onRefused: () => refused.push(clock.now()),
  })
  const send = (source: Partial<SipSource> = {}, isThere = nobody, proxies: readonly string[] = []) =>
    limit.refuse(incomingRequest({ method: 'REGISTER', source, proxies }), isThere)
  const burst = async (count: number, source: Partial<SipSource> = {}, isThere = nobody) => {
    const statuses = []
    for (let i = 0; i < count; i++) statuses.push((await send(source, isThere))?.status ?? 0)
    return statuses.filter((status) => status === 0).length
  }
  return { clock, limit, refused, send, burst, roll: (value: number) => (dice = value) }
}

describe('requests of one source', () => {
  test('[SR-50] twice the rate at once, then the rate; the rest is 503 with Retry-After, and counted', async () => {
    const { clock, burst, send, refused } = setUp()
    expect(await burst(30)).toBe(20)
    expect(refused).toHaveLength(10)
    expect(await send()).toEqual({ status: 503, reason: 'Too Many Requests', headers: [['Retry-After', '2']] })
    clock.advance(500)
    expect(await burst(30)).toBe(5)
    expect(await burst(30, { address: '192.0.2.2' })).toBe(20)
  })

  test('[SR-50] through a proxy it is 480: 503 would be said of the whole node', async () => {
    const { burst, send } = setUp()
    await burst(20)
    expect(await send({}, nobody, ['SIP/2.0/UDP 198.51.100.1'])).toMatchObject({ status: 480 })
  })

  test('[SR-51] proxies that are named are not counted, and 0 is no limit', async () => {
    const { burst } = setUp()
    expect(await burst(100, { address: '192.0.2.99' })).toBe(100)
    expect(await setUp(0).burst(100)).toBe(100)
  })

  test('[SR-52] a network of IPv6 is one source, and at most 20 000 sources are remembered', async () => {
    const { burst, send, limit } = setUp()
    expect(await burst(20, { address: '2001:db8::1' })).toBe(20)
    expect(await burst(20, { address: '2001:db8::ffff:1' })).toBe(0)
    for (let i = 0; i < 20_100; i++) await send({ address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` })
    expect(limit.size).toBe(20_000)
  })
})

describe('[SR-53] with forged addresses nobody is kept out', () => {
  test('who has a nonce of ours is counted apart', async () => {
    const { burst } = setUp()
    // Somebody sends in the name of this address.
    expect(await burst(1_000)).toBe(20)
    expect(await burst(30, {}, async () => true)).toBe(20)
  })

  test('one request in eight gets through to be given a nonce', async () => {
    const { burst, roll } = setUp()
    await burst(20)
    roll(0.1)
    expect(await burst(3)).toBe(3)
    roll(0.2)
    expect(await burst(3)).toBe(0)
  })

  test('a connection proves its address: there is no luck over TCP, and what comes over UDP does not count there', async () => {
    const { burst, roll } = setUp()
    await burst(1_000)
    roll(0)
    expect(await burst(30, { transport: 'tcp' })).toBe(20)
  })

  test('a store that does not answer lets nobody in by their nonce', async () => {
    const { burst } = setUp()
    await burst(20)
    expect(await burst(5, {}, () => Promise.reject(new Error('down')))).toBe(0)
  })
})
