import { describe, expect, test } from 'vitest'
import { bestSource, hostPort, subscriberOf } from './host-port.ts'

describe('addresses', () => {
  test('[SF-14] IPv6 stands in brackets', () => {
    expect(hostPort('192.0.2.1', 5060)).toBe('192.0.2.1:5060')
    expect(hostPort('2001:db8::1', 5060)).toBe('[2001:db8::1]:5060')
    expect(hostPort('im.example', 5061)).toBe('im.example:5061')
  })

  test('[SF-14] a peer is sent to from a listener of its family: a bound one before all addresses, loopback for loopback', () => {
    const listeners = ['127.0.0.1', '::', '0.0.0.0', '192.0.2.9'].map((address) => ({ address, port: 5060 }))
    const from = (remote: string) => bestSource(listeners, remote)?.address
    expect(from('192.0.2.1')).toBe('192.0.2.9')
    expect(from('127.0.0.1')).toBe('127.0.0.1')
    expect(from('::1')).toBe('::')
    expect(bestSource(listeners.slice(0, 1), '2001:db8::1')).toBeUndefined()
    expect(bestSource(listeners.slice(0, 1), '192.0.2.1')?.address).toBe('127.0.0.1')
  })

  test('[SF-8] an IPv6 network of 64 bits counts as one address', () => {
    expect(subscriberOf('2001:db8:0:1::1')).toBe(subscriberOf('2001:db8::1:ffff:0:0:2'))
    expect(subscriberOf('2001:db8:0:1::1')).not.toBe(subscriberOf('2001:db8:0:2::1'))
    expect(subscriberOf('fe80::1%eth0')).toBe(subscriberOf('fe80::2'))
    expect(subscriberOf('192.0.2.1')).toBe('192.0.2.1')
  })
})
