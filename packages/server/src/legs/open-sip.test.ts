import { centreOf } from '@ringdown/signalling'
import { demoDirectory, demoObjects, testRequest } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import type { Config } from '../config/load-config.ts'
import { domainsOfCentre, mayConnect } from './open-sip.ts'

test.each([
  ['192.0.2.10', 2855, true],
  ['client.example', 20_000, true],
  ['192.0.2.10', 22, false],
  ['127.0.0.1', 6379, false],
  ['localhost', 6379, false],
  ['::1', 6379, false],
  ['169.254.169.254', 8080, false],
  ['fe80::1', 8080, false],
])('[SV-52] a peer that names %s:%d is connected to: %s', (host, port, may) => {
  expect(mayConnect(false)(host, port)).toBe(may)
})

test('[SV-52] on a machine of one, everything is loopback', () => {
  expect(mayConnect(true)('127.0.0.1', 20_000)).toBe(true)
  expect(mayConnect(true)('127.0.0.1', 22)).toBe(false)
})

test('[SV-53] of two contact centres each gets what is for its numbers, though both are at the node’s domain', () => {
  const sip = { domains: ['im.example'] } as Config['sip']
  const centre = (number: string) => {
    const objects = demoObjects()
    const dns = [{ number, switch: 'SIP_Switch', annex: {} }]
    const directory = demoDirectory({ ...objects, dns, places: [], persons: [] })
    return { number, directory: () => directory }
  }
  const objects = [centre('7101'), centre('7201')]
  const contactCentres = objects.map(() => ({})) as unknown as Config['contactCentres']
  const centres = objects.map((each) => ({ ...each, domains: domainsOfCentre({ sip, contactCentres }) }))
  for (const { number } of centres) {
    const request = testRequest({ uri: `sip:${number}@im.example`, to: `<sip:${number}@im.example>` })
    expect(centreOf(request, centres)?.number).toBe(number)
  }
  expect(domainsOfCentre({ sip, contactCentres: contactCentres.slice(1) })).toEqual(['im.example'])
})
