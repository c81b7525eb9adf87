import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../testing/manual-clock.ts'
import { DnsCache } from './dns-cache.ts'
import { parseHosts, type Resolver } from './resolver.ts'

const nothing: Resolver = { naptr: async () => [], srv: async () => [], addresses: async () => [] }

describe('the hosts file', () => {
  test('[SF-20] gives every address of a name, without case and comments', () => {
    const hosts = parseHosts('# 192.0.2.9 no\n192.0.2.1\tIM.example im # x\n2001:db8::1 im.example\nbad im.example\n')
    expect(hosts.get('im.example')).toEqual(['192.0.2.1', '2001:db8::1'])
    expect(hosts.get('im')).toEqual(['192.0.2.1'])
    expect(hosts.get('no')).toBeUndefined()
  })
})

describe('DnsCache', () => {
  test('[SF-21] asks a question once while the answer is fresh, also when many ask at a time', async () => {
    const clock = new ManualClock()
    let asked = 0
    const cache = new DnsCache({ ...nothing, addresses: async () => [`192.0.2.${++asked}`] }, clock)
    expect(await Promise.all([cache.addresses('a'), cache.addresses('a')])).toEqual([['192.0.2.1'], ['192.0.2.1']])
    clock.advance(59_999)
    expect(await cache.addresses('a')).toEqual(['192.0.2.1'])
    clock.advance(2)
    expect(await cache.addresses('a')).toEqual(['192.0.2.2'])
    expect(clock.pending).toBe(0)
  })

  test('[SF-21] no answer is an empty one, and asked for again soon', async () => {
    const clock = new ManualClock()
    let fails = true
    const addresses = async (): Promise<string[]> => {
      if (fails) throw new Error('SERVFAIL')
      return ['192.0.2.1']
    }
    const cache = new DnsCache({ ...nothing, addresses }, clock)
    expect(await cache.addresses('a')).toEqual([])
    fails = false
    expect(await cache.addresses('a')).toEqual([])
    clock.advance(3_001)
    expect(await cache.addresses('a')).toEqual(['192.0.2.1'])
  })

  test('[SF-21] gives up on a question after 3 s', async () => {
    const clock = new ManualClock()
    const cache = new DnsCache({ ...nothing, srv: () => new Promise(() => {}) }, clock)
    const answer = cache.srv('_sip._udp.im.example')
    clock.advance(3_000)
    expect(await answer).toEqual([])
  })

  test('[SF-21] keeps 2 000 answers and has 200 questions open at most', async () => {
    const clock = new ManualClock()
    let asked = 0
    const open: (() => void)[] = []
    const addresses = (): Promise<string[]> => {
      asked++
      return new Promise((resolve) => open.push(() => resolve(['192.0.2.1'])))
    }
    const cache = new DnsCache({ ...nothing, addresses }, clock)
    const first = Array.from({ length: 300 }, (_, i) => cache.addresses(`a${i}`))
    await Promise.resolve()
    expect(asked).toBe(200)
    for (const answer of open.splice(0)) answer()
    const answers = await Promise.all(first)
    expect(answers.filter((list) => list.length > 0).length).toBe(200)

    const quick = new DnsCache({ ...nothing, addresses: async () => [`192.0.2.${++asked % 250}`] }, clock)
    asked = 0
    for (let i = 0; i < 2_001; i++) await quick.addresses(`b${i}`)
    await quick.addresses('b2000')
    expect(asked).toBe(2_001)
    await quick.addresses('b0')
    expect(asked).toBe(2_002)
  })
})
