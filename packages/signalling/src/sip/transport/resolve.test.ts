import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../testing/seeded-ids.ts'
import type { Target, TransportName } from './flow.ts'
import { familyOf } from './host-port.ts'
import { resolveUri } from './resolve.ts'
import type { NaptrRecord, SrvRecord } from './resolver.ts'

interface Zone {
  readonly naptr?: Readonly<Record<string, readonly NaptrRecord[]>>
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>
  readonly addresses?: Readonly<Record<string, readonly string[]>>
}

const naptr = (order: number, preference: number, service: string, replacement: string, flags = 's'): NaptrRecord => ({
  order,
  preference,
  flags,
  service,
  replacement,
})
const srv = (name: string, port: number, priority = 10, weight = 0): SrvRecord => ({ name, port, priority, weight })

/** Resolves in the zone and tells what was asked. */
async function resolveIn(
  zone: Zone,
  uri: string,
  { transports = ['udp', 'tcp', 'tls'], families = [4, 6], random = (): number => 0.5 } = {},
): Promise<{ targets: readonly Target[]; asked: string[] }> {
  const asked: string[] = []
  const ask = <T>(kind: keyof Zone, records: Readonly<Record<string, readonly T[]>> | undefined) => {
    return async (name: string) => {
      asked.push(`${kind} ${name}`)
      return records?.[name] ?? []
    }
  }
  const targets = await resolveUri(uri, {
    resolver: {
      naptr: ask('naptr', zone.naptr),
      srv: ask('srv', zone.srv),
      addresses: ask('addresses', zone.addresses),
    },
    transports: new Set(transports as TransportName[]),
    reaches: ({ address }) => families.includes(familyOf(address)),
    random,
  })
  return { targets, asked }
}

const written = ({ transport, address, port, serverName }: Target): string =>
  `${transport} ${address} ${port}${serverName === undefined ? '' : ` ${serverName}`}`

const host = { addresses: { 'im.example': ['192.0.2.1', '2001:db8::1'] } }

describe('RFC 3263: where a URI leads', () => {
  test.each([
    ['sip:7001@192.0.2.1', 'udp 192.0.2.1 5060'],
    ['sip:192.0.2.1:5070', 'udp 192.0.2.1 5070'],
    ['sip:[2001:db8::1]', 'udp 2001:db8::1 5060'],
    ['sip:192.0.2.1;transport=tcp', 'tcp 192.0.2.1 5060'],
    ['sip:192.0.2.1;transport=TLS', 'tls 192.0.2.1 5061 192.0.2.1'],
    ['sips:192.0.2.1', 'tls 192.0.2.1 5061 192.0.2.1'],
    ['sips:192.0.2.1;transport=tcp', 'tls 192.0.2.1 5061 192.0.2.1'],
    ['sip:192.0.2.1;transport=ws', 'ws 192.0.2.1 80'],
    ['sips:192.0.2.1;transport=ws', 'wss 192.0.2.1 443 192.0.2.1'],
    ['sip:192.0.2.1:8443;transport=wss', 'wss 192.0.2.1 8443 192.0.2.1'],
  ])('[SF-18] %s goes to %s without a question', async (uri, expected) => {
    const { targets, asked } = await resolveIn({}, uri)
    expect(targets.map(written)).toEqual([expected])
    expect(asked).toEqual([])
  })

  test.each([
    'sips:192.0.2.1;transport=udp',
    'sip:192.0.2.1;transport=sctp',
    'sip:192.0.2.1;transport',
    'tel:+15551234',
    'im:a@im.example',
    'nonsense',
    '',
  ])('[SF-18] %s leads nowhere', async (uri) => {
    expect((await resolveIn(host, uri)).targets).toEqual([])
  })

  test('[SF-17] a maddr that is not the host leads nowhere; one that is says nothing', async () => {
    expect((await resolveIn(host, 'sip:a@im.example;maddr=192.0.2.66')).targets).toEqual([])
    expect((await resolveIn(host, 'sip:a@im.example;maddr')).targets).toEqual([])
    expect((await resolveIn({}, 'sip:a@192.0.2.1;maddr=192.0.2.1')).targets.map(written)).toEqual([
      'udp 192.0.2.1 5060',
    ])
  })

  test('[SF-18] a port means addresses only', async () => {
    const { targets, asked } = await resolveIn(host, 'sips:IM.example:5071')
    expect(targets.map(written)).toEqual(['tls 192.0.2.1 5071 im.example', 'tls 2001:db8::1 5071 im.example'])
    expect(asked).toEqual(['addresses im.example'])
  })

  test('[SF-18] a transport without a port means the SRV of that transport', async () => {
    const { targets, asked } = await resolveIn(
      { srv: { '_sip._tcp.im.example': [srv('a.im.example', 5080)] }, addresses: { 'a.im.example': ['192.0.2.7'] } },
      'sip:im.example;transport=tcp',
    )
    expect(targets.map(written)).toEqual(['tcp 192.0.2.7 5080'])
    expect(asked).toEqual(['srv _sip._tcp.im.example', 'addresses a.im.example'])
  })

  test('[SF-19] NAPTR says which services, in its order; what we do not know is passed over', async () => {
    const zone: Zone = {
      naptr: {
        'im.example': [
          naptr(20, 10, 'SIP+D2U', '_sip._udp.im.example'),
          naptr(10, 20, 'SIP+D2T', '_sip._tcp.im.example'),
          naptr(10, 10, 'SIPS+D2T', '_sips._tcp.im.example'),
          naptr(5, 1, 'SIP+D2S', '_sip._sctp.im.example'),
          naptr(5, 2, 'SIP+D2W', '_sip._ws.im.example'),
          naptr(5, 3, 'E2U+sip', '', 'u'),
        ],
      },
      srv: {
        '_sips._tcp.im.example': [srv('t.other.example', 5061)],
        '_sip._tcp.im.example': [srv('t.other.example', 5060)],
        '_sip._udp.im.example': [srv('u.other.example', 5060)],
      },
      addresses: { 't.other.example': ['192.0.2.1'], 'u.other.example': ['192.0.2.2'] },
    }
    expect((await resolveIn(zone, 'sip:im.example')).targets.map(written)).toEqual([
      'tls 192.0.2.1 5061 im.example',
      'tcp 192.0.2.1 5060',
      'udp 192.0.2.2 5060',
    ])
    expect((await resolveIn(zone, 'sips:im.example')).targets.map(written)).toEqual(['tls 192.0.2.1 5061 im.example'])
  })

  test('[SF-19] without NAPTR the SRV of UDP, TCP and TLS are asked for; for sips that of TLS only', async () => {
    const zone: Zone = {
      srv: { '_sip._tcp.im.example': [srv('a.example', 5060)], '_sips._tcp.im.example': [srv('a.example', 5061)] },
      addresses: { 'a.example': ['192.0.2.1'] },
    }
    const plain = await resolveIn(zone, 'sip:im.example')
    expect(plain.targets.map(written)).toEqual(['tcp 192.0.2.1 5060', 'tls 192.0.2.1 5061 im.example'])
    expect(plain.asked).toContain('srv _sip._udp.im.example')
    const secure = await resolveIn(zone, 'sips:im.example')
    expect(secure.asked).toEqual(['naptr im.example', 'srv _sips._tcp.im.example', 'addresses a.example'])
  })

  test('[SF-19] a lower priority number goes first; weights share the load (RFC 2782)', async () => {
    const zone: Zone = {
      srv: {
        '_sip._udp.im.example': [
          srv('backup.example', 1, 20, 100),
          srv('big.example', 2, 10, 75),
          srv('small.example', 3, 10, 25),
          srv('never.example', 4, 10, 0),
        ],
      },
      addresses: Object.fromEntries(['backup', 'big', 'small', 'never'].map((n) => [`${n}.example`, ['192.0.2.1']])),
    }
    const numbers = seededRandom(7)
    const random = () => numbers() / 2 ** 32
    let bigFirst = 0
    for (let i = 0; i < 1_000; i++) {
      const { targets } = await resolveIn(zone, 'sip:im.example;transport=udp', { random })
      const ports = targets.map((target) => target.port)
      expect(ports.slice(2)).toEqual([4, 1])
      if (ports[0] === 2) bigFirst++
    }
    expect(bigFirst).toBeGreaterThan(700)
    expect(bigFirst).toBeLessThan(800)
  })

  test('[SF-20] without SRV the addresses at the default port', async () => {
    expect((await resolveIn(host, 'sip:im.example')).targets.map(written)).toEqual([
      'udp 192.0.2.1 5060',
      'udp 2001:db8::1 5060',
    ])
    expect((await resolveIn(host, 'sips:im.example')).targets.map(written)).toEqual([
      'tls 192.0.2.1 5061 im.example',
      'tls 2001:db8::1 5061 im.example',
    ])
    const noUdp = { transports: ['tcp', 'tls'], families: [4] }
    expect((await resolveIn(host, 'sip:im.example', noUdp)).targets.map(written)).toEqual(['tcp 192.0.2.1 5060'])
  })

  test('[SF-20] a service that is "." is decidedly not there', async () => {
    const zone = { ...host, srv: { '_sip._udp.im.example': [srv('', 0)], '_sip._tcp.im.example': [srv('.', 0)] } }
    expect((await resolveIn(zone, 'sip:im.example')).targets).toEqual([])
  })

  test('[SF-21] however much a zone holds, 16 targets come out and few questions go in', async () => {
    const servers = Array.from({ length: 100 }, (_, i) => srv(`s${i}.example`, i, i))
    const addresses = Object.fromEntries(
      servers.map((s) => [s.name, Array.from({ length: 50 }, (_, i) => `192.0.2.${i}`)]),
    )
    const zone = {
      naptr: { 'im.example': Array.from({ length: 100 }, (_, i) => naptr(i, i, 'SIP+D2U', `s${i}.example`)) },
      srv: Object.fromEntries(servers.map((s) => [s.name, servers])),
      addresses,
    }
    const { targets, asked } = await resolveIn(zone, 'sip:im.example')
    expect(targets.length).toBe(16)
    expect(asked.length).toBeLessThanOrEqual(1 + 8 + 64)
  })
})
