import { describe, expect, test } from 'vitest'
import { demoDirectory, demoObjects } from '../../testing/demo-objects.ts'
import { ManualClock } from '../../testing/manual-clock.ts'
import { incomingRequest } from '../../testing/sip-incoming.ts'
import type { Directory } from '../../tserver/directory.ts'
import type { SipSource } from '../ports.ts'
import { canonicalHost } from '../registrar/canonical-host.ts'
import { centreOf, localHosts } from './local-hosts.ts'
import { Peers, trunkFor } from './trunk.ts'

type Trunks = Record<string, Record<string, string>>

function directoryOf(trunks: Trunks, type = 'Trunk', id = 'demo'): Directory {
  const dns = Object.entries(trunks).map(([number, options]) => ({
    number,
    type,
    switch: 'SIP_Switch',
    annex: { TServer: options },
  }))
  return demoDirectory({ ...demoObjects(), id, dns, places: [], persons: [], agentLogins: [] })
}

function setUp(trunks: Trunks, names: Record<string, readonly string[]> = {}) {
  const clock = new ManualClock()
  let directory = directoryOf(trunks)
  const resolve = async (uri: string) => {
    const addresses = names[uri]
    if (!addresses) throw new Error('no such name')
    return addresses.map((address) => ({ address }))
  }
  const peers = new Peers({ directory: () => directory, resolve, clock })
  const trunkAt = (address: string, more: Partial<SipSource> = {}) =>
    peers.trunkAt({ transport: 'udp', address, port: 5060, peerNames: [], ...more })?.number
  const reload = (changed: Trunks) => {
    directory = directoryOf(changed)
  }
  return { clock, peers, trunkAt, names, reload }
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('a trunk is known', () => {
  test('[SR-15] by each of its addresses, however they are written', () => {
    const { trunkAt } = setUp({
      A: { contact: 'sip:[2001:DB8:0:0::1]', 'contact-list': 'sip:192.0.2.1:5062, 192.0.2.2' },
      B: { contact: 'sip:192.0.2.9' },
    })
    for (const address of ['2001:db8::1', '192.0.2.1', '::ffff:192.0.2.2']) expect(trunkAt(address)).toBe('A')
    expect(trunkAt('192.0.2.9', { transport: 'tcp', port: 33_333 })).toBe('B')
    expect(trunkAt('192.0.2.3')).toBeUndefined()
  })

  test('[SR-15] as a softswitch, but not as another service or an extension', () => {
    const directory = (options: Record<string, string>, type: string) =>
      new Peers({
        directory: () => directoryOf({ X: { contact: '192.0.2.1', ...options } }, type),
        resolve: async () => [],
        clock: new ManualClock(),
      }).trunkAt({ transport: 'udp', address: '192.0.2.1', port: 1, peerNames: [] })?.number
    expect(directory({ 'service-type': 'softswitch' }, 'Voice over IP Service')).toBe('X')
    expect(directory({ 'service-type': 'recording' }, 'Voice over IP Service')).toBeUndefined()
    expect(directory({}, 'Extension')).toBeUndefined()
  })

  test('[SR-15] by what its name resolves to, looked up every minute', async () => {
    const { clock, peers, trunkAt, names } = setUp(
      { A: { contact: 'sip:pbx.example' } },
      { 'sip:pbx.example': ['192.0.2.1', '2001:DB8::2'] },
    )
    expect(trunkAt('192.0.2.1')).toBeUndefined()
    await peers.refresh()
    expect([trunkAt('192.0.2.1'), trunkAt('2001:db8::2')]).toEqual(['A', 'A'])
    names['sip:pbx.example'] = ['192.0.2.7']
    clock.advance(60_000)
    await turn()
    expect([trunkAt('192.0.2.1'), trunkAt('192.0.2.7')]).toEqual([undefined, 'A'])
    delete names['sip:pbx.example']
    clock.advance(60_000)
    await turn()
    expect(trunkAt('192.0.2.7')).toBe('A')
    peers.close()
    expect(clock.pending).toBe(0)
  })

  test('[SR-15] as soon as a directory is reloaded, and no longer', async () => {
    const { trunkAt, reload, peers } = setUp({ A: { contact: 'sip:192.0.2.1' } }, { 'sip:b.example': ['192.0.2.2'] })
    expect(trunkAt('192.0.2.1')).toBe('A')
    reload({ B: { contact: 'sip:b.example' } })
    expect(trunkAt('192.0.2.1')).toBeUndefined()
    await turn()
    expect(trunkAt('192.0.2.2')).toBe('B')
    peers.close()
  })

  test('[SR-15] look-ups that overlap leave one plan for the next', async () => {
    const { clock, peers } = setUp({ A: { contact: 'sip:a.example' } }, { 'sip:a.example': ['192.0.2.1'] })
    await Promise.all([peers.refresh(), peers.refresh(), peers.refresh()])
    expect(clock.pending).toBe(1)
    peers.close()
    expect(clock.pending).toBe(0)
  })

  test.each(['sips:pbx.example', 'sip:pbx.example;transport=tls'])(
    '[SR-15] at %s by its certificate only',
    async (contact) => {
      const { peers, trunkAt } = setUp({ A: { contact } }, { [contact]: ['192.0.2.1'] })
      await peers.refresh()
      const tls = (...peerNames: string[]) => trunkAt('198.51.100.1', { transport: 'tls', peerNames })
      expect(trunkAt('192.0.2.1')).toBeUndefined()
      expect(tls()).toBeUndefined()
      expect(tls('other.example', 'PBX.example')).toBe('A')
      expect(tls('*.example')).toBe('A')
      expect(tls('*.pbx.example')).toBeUndefined()
      expect(trunkAt('198.51.100.1', { transport: 'tcp', peerNames: ['pbx.example'] })).toBeUndefined()
      peers.close()
    },
  )
})

describe('trunkFor', () => {
  const directory = directoryOf({
    Default: { contact: 'sip:192.0.2.1', prefix: '' },
    Germany: { contact: 'sip:192.0.2.2', prefix: '+49', 'replace-prefix': '0' },
    Berlin: { contact: 'sip:192.0.2.3', prefix: '+4930', 'replace-prefix': '' },
    Incoming: { contact: 'sip:192.0.2.4' },
    Nowhere: { prefix: '+4' },
  })
  const way = (number: string, out: readonly string[] = []) => {
    const found = trunkFor(directory, number, (dn) => !out.includes(dn.number))
    return found && [found.dn.number, found.number]
  }

  test('[SR-17] the longest prefix wins, and is replaced', () => {
    expect(way('+4930123')).toEqual(['Berlin', '123'])
    expect(way('+4940123')).toEqual(['Germany', '040123'])
    expect(way('100')).toEqual(['Default', '100'])
  })

  test('[SR-17] a trunk that is out of service leaves it to the next', () => {
    expect(way('+4930123', ['Berlin'])).toEqual(['Germany', '030123'])
    expect(way('+4930123', ['Berlin', 'Germany', 'Default'])).toBeUndefined()
  })
})

describe('whose host it is', () => {
  test('[SR-10] a host is ours in any spelling', () => {
    const isLocal = localHosts(['IM.Example', '2001:db8:0::1', '127.0.0.1'])
    for (const host of ['im.example', 'im.example.', '[2001:DB8::1]', '::ffff:127.0.0.1'])
      expect(isLocal(host)).toBe(true)
    for (const host of ['example', 'x.im.example', '127.0.0.2', '']) expect(isLocal(host)).toBe(false)
    expect(canonicalHost('fe80::1%eth0')).toBe('fe80::1')
  })

  test('[SR-18] a request belongs to the centre whose domain it names, else to the one that has the DN', () => {
    const [north, south] = ['north', 'south'].map((id, i) => {
      const directory = directoryOf({ [`${i}000`]: {}, both: {} }, 'Extension', id)
      return { directory: () => directory, domains: [`${id}.example`] }
    })
    if (!north || !south) throw new Error('two centres')
    const find = (uri: string, from: string, to = uri) =>
      centreOf(incomingRequest({ method: 'MESSAGE', uri, from, to }).request, [north, south])?.directory().id
    expect(find('sip:0000@SOUTH.example', 'sip:0000@north.example')).toBe('south')
    expect(find('sip:1@192.0.2.1', 'sip:0000@north.example', 'sip:x@south.example')).toBe('south')
    expect(find('sip:1@192.0.2.1', 'sip:1000@north.example')).toBe('north')
    expect(find('sip:1000@192.0.2.1', 'sip:0000@192.0.2.1')).toBe('south')
    expect(find('sip:both@192.0.2.1', 'sip:1000@192.0.2.1')).toBe('north')
    expect(find('sip:9@192.0.2.1', 'sip:1000@192.0.2.1')).toBe('south')
    expect(find('sip:9@192.0.2.1', 'sip:8@192.0.2.1')).toBeUndefined()
    const only = incomingRequest({ method: 'MESSAGE', uri: 'sip:9@192.0.2.1' }).request
    expect(centreOf(only, [south])).toBe(south)
    expect(centreOf(only, [])).toBeUndefined()
  })
})
