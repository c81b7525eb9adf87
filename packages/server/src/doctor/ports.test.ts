import { expect, test } from 'vitest'
import { ownerOf } from './port-owner.ts'
import { ports } from './ports.ts'
import { contextOf, fakeSystem } from './testing/context.ts'

const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const row = (address: string, state: string, inode: number) =>
  `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0 100`
const sip = 'sip: { listen: [{ transport: udp, port: 5060 }, { transport: tcp, port: 5060 }] }'

test('[DR-4] who has a port is told by /proc, where it may be seen', () => {
  const system = fakeSystem({
    '/proc/net/tcp': [header, row('0100007F:1F90', '0A', 11), row('0100007F:1F91', '01', 12)].join('\n'),
    '/proc/net/tcp6': [header, row('00000000000000000000000000000000:0B27', '0A', 13)].join('\n'),
    '/proc/net/udp': [header, row('00000000:13C4', '07', 14)].join('\n'),
    '/proc/9/fd/3': 'socket:[11]',
    '/proc/9/cmdline': '/usr/sbin/nginx\0-g\0daemon off;\0',
    '/proc/10/fd/7': 'socket:[13]',
    '/proc/10/cmdline': '/usr/bin/node\0/srv/main.ts\0serve\0--port\x001\0',
  })
  expect(ownerOf(system, 'tcp', 8080)).toEqual({ pid: 9, name: 'nginx', isRingdown: false })
  // A connection is nobody who listens.
  expect(ownerOf(system, 'tcp', 8081)).toBeUndefined()
  expect(ownerOf(system, 'tcp', 2855)).toEqual({ pid: 10, name: 'node main.ts', isRingdown: true })
  expect(ownerOf(system, 'udp', 5060)).toEqual({ isRingdown: false })
  expect(ownerOf(system, 'tcp', 5060)).toBeUndefined()
})

test('[DR-4] free ports are fine, others are told with what to do', async () => {
  const look = async (codes: Readonly<Record<string, string>>, yaml = sip) => {
    const system = fakeSystem({}, { tryListen: async (transport, { port }) => codes[`${transport} ${port}`] })
    return (await ports.look(contextOf(yaml, system))).map(({ severity, what }) => `${severity}: ${what}`)
  }
  expect(await look({})).toEqual(['ok: The ports 8080/tcp, 5060/udp, 5060/tcp are free.'])
  expect(await look({ 'udp 5060': 'EADDRINUSE' })).toEqual([
    'problem: udp 127.0.0.1:5060 (sip.listen[0]) is taken by another process; who, only root can tell.',
  ])
  expect(await look({ 'tcp 443': 'EACCES' }, 'http: { port: 443 }')).toEqual([
    'problem: tcp 127.0.0.1:443 (http) may not be listened at: ports below 1024 need a privilege.',
  ])
  expect(await look({ 'tcp 80': 'EADDRNOTAVAIL' }, 'http: { port: 80 }')).toEqual([
    'problem: 127.0.0.1 (http) is no address of this machine.',
  ])
  expect(await look({ 'tcp 80': 'ENFILE' }, 'http: { port: 80 }')).toEqual([
    'problem: tcp 127.0.0.1:80 (http) cannot be listened at (ENFILE).',
  ])
  expect(await look({}, 'http: { port: 0 }')).toEqual([])
})

test('[DR-16] a port that a running Ringdown has is left alone', async () => {
  const tried: number[] = []
  const system = fakeSystem(
    {
      '/proc/net/tcp': [header, row('0100007F:1F90', '0A', 11), row('0100007F:13C4', '0A', 12)].join('\n'),
      '/proc/net/udp': [header, row('0100007F:13C4', '07', 13)].join('\n'),
    },
    {
      isRingdown: async () => true,
      tryListen: async (_, { port }) => {
        tried.push(port)
        return 'EADDRINUSE'
      },
    },
  )
  expect(await ports.look(contextOf(sip, system))).toEqual([
    { check: 'ports', severity: 'ok', what: 'Ringdown runs here, and has the ports 8080/tcp, 5060/udp, 5060/tcp.' },
  ])
  expect(tried).toEqual([])
})
