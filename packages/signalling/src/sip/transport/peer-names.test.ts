import type { PeerCertificate } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { checkSipServer, sipDomains } from './peer-names.ts'

function certificate(subjectaltname: string | undefined, CN = 'common.example'): PeerCertificate {
  return { subject: { CN }, ...(subjectaltname !== undefined && { subjectaltname }) } as PeerCertificate
}

describe('the names of a certificate', () => {
  test('[SF-12] SIP URIs without a user come first, then DNS names, then the common name (RFC 5922 §7.1)', () => {
    expect(sipDomains(certificate('DNS:A.example, URI:sip:B.example, URI:sip:c.example'))).toEqual([
      'b.example',
      'c.example',
    ])
    expect(sipDomains(certificate('URI:sip:alice@b.example, URI:https://c.example, DNS:a.example'))).toEqual([
      'a.example',
    ])
    expect(sipDomains(certificate(undefined))).toEqual(['common.example'])
  })

  test('[SF-12] a certificate that names other things only has no SIP domain', () => {
    expect(sipDomains(certificate('email:a@b.example, IP Address:192.0.2.1'))).toEqual([])
  })

  test('[SF-12] a name that holds a comma is one name and makes no other', () => {
    expect(sipDomains(certificate('DNS:"a.example, DNS:bank.example"'))).toEqual(['a.example, dns:bank.example'])
    expect(sipDomains(certificate('URI:"sip:x.example\\u002c DNS:bank.example", DNS:b.example'))).not.toContain(
      'bank.example',
    )
  })

  test('[SF-10] a server shows its name in full: no wildcard, no suffix (RFC 5922 §7.2)', () => {
    expect(checkSipServer('im.example', certificate('DNS:IM.example'))).toBeUndefined()
    expect(checkSipServer('sip.im.example', certificate('DNS:*.im.example'))).toBeInstanceOf(Error)
    expect(checkSipServer('sip.im.example', certificate('DNS:im.example'))).toBeInstanceOf(Error)
    expect(checkSipServer('im.example', certificate('email:a@im.example'))?.message).toBe(
      'the certificate is for no SIP domain, not for im.example',
    )
  })

  test('[SF-10] an address is shown as an address', () => {
    expect(checkSipServer('192.0.2.1', certificate('IP Address:192.0.2.1'))).toBeUndefined()
    expect(checkSipServer('192.0.2.1', certificate('DNS:192.0.2.1'))).toBeInstanceOf(Error)
  })
})
