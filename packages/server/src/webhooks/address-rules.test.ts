import { describe, expect, test } from 'vitest'
import { isAllowed, isNetwork, mayConnect, networksOf } from './address-rules.ts'

const nothing = networksOf([])

describe('what may be connected to', () => {
  // biome-ignore format: read it as a table
  test.each([
    '93.184.216.34', '8.8.8.8', '1.1.1.1', '100.63.255.255', '100.128.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '198.17.255.255',
    '2606:4700::1111', '2a00:1450:4001:81b::200e', '2400:cb00::1', '::ffff:8.8.8.8', '::ffff:808:808',
  ])('[WH-30] %s is public', (address) => expect(mayConnect(address, nothing)).toBe(true))

  // biome-ignore format: read it as a table
  test.each([
    '0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.255.255.254', '168.63.129.16',
    '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.0.192', '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.18.0.1',
    '198.19.255.255', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255',
    '::', '::1', '::127.0.0.1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:10.0.0.1', '::ffff:169.254.169.254', '::ffff:0:127.0.0.1',
    '64:ff9b::8.8.8.8', '64:ff9b::7f00:1', '64:ff9b:1::1', '100::1', '2001::1', '2001:0:53aa:64c::1', '2001:db8::1', '2002:7f00:1::', '2002:808:808::',
    '3fff::1', '5f00::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', 'ff0e::1',
    '', 'localhost', '127.1', '0x7f000001', '2130706433', '1.2.3.4.5', '::g',
  ])('[WH-30] %s is not', (address) => expect(mayConnect(address, nothing)).toBe(false))

  test('[WH-30] a network that is allowed by name is, and no other', () => {
    const allowed = networksOf(['10.1.2.0/24', '127.0.0.1', 'fd00::/8'])
    for (const address of ['10.1.2.3', '127.0.0.1', '::ffff:10.1.2.3', '::ffff:7f00:1', 'fd12::1', '8.8.8.8'])
      expect(mayConnect(address, allowed), address).toBe(true)
    for (const address of ['10.1.3.3', '127.0.0.2', '::1', 'fe80::1', '192.168.1.1'])
      expect(mayConnect(address, allowed), address).toBe(false)
    expect(isAllowed('8.8.8.8', allowed)).toBe(false)
  })

  test('[WH-30] a network is an address, or one and the length of its prefix', () => {
    for (const text of ['10.0.0.0/8', '127.0.0.1', '::1', 'fd00::/8', '0.0.0.0/0', '::/0'])
      expect(isNetwork(text), text).toBe(true)
    for (const text of [
      '',
      '10.0.0.0/33',
      '10.0.0/8',
      'fd00::/129',
      '10.0.0.0/8/8',
      '10.0.0.0/',
      'fe80::1%eth0',
      'localhost',
    ])
      expect(isNetwork(text), text).toBe(false)
  })
})
