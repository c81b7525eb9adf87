import { describe, expect, test } from 'vitest'
import { answerStun, isStun } from './stun.ts'

const id = '0102030405060708090a0b0c'

/** A Binding request with these attributes in hexadecimal. */
function request(attributes = ''): Buffer {
  const length = (attributes.length / 2).toString(16).padStart(4, '0')
  return Buffer.from(`0001${length}2112a442${id}${attributes}`, 'hex')
}
const hex = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('hex')

describe('STUN on the SIP port', () => {
  test('[SF-3] a Binding request is told where it came from (RFC 5389 §15.2)', () => {
    const answer = answerStun(request(), { address: '192.0.2.1', port: 32_853 })
    // The mapped address of the test vectors of RFC 5769 §2.2.
    expect(hex(answer)).toBe(`0101000c2112a442${id}002000080001a147e112a643`)
  })

  test('[SF-3] IPv6 is masked with the transaction id too', () => {
    const bytes = Buffer.from('000100002112a442b7e7a701bc34d686fa87dfae', 'hex')
    const answer = answerStun(bytes, { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 })
    // RFC 5769 §2.3.
    expect(hex(answer)?.slice(40)).toBe('002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9')
  })

  test('[SF-3] short and dotted IPv6 forms mean the same address', () => {
    const of = (address: string) => hex(answerStun(request(), { address, port: 1 }))
    expect(of('::ffff:192.0.2.1')).toBe(of('0:0:0:0:0:ffff:c000:201'))
    expect(of('fe80::1%eth0')).toBe(of('fe80:0:0:0:0:0:0:1'))
    expect(of('::')).toBe(of('0:0:0:0:0:0:0:0'))
  })

  test('[SF-3] what must be understood and is not gets 420, naming it', () => {
    const answer = answerStun(request('000300040000000600210000'), { address: '192.0.2.1', port: 1 })
    expect(hex(answer)).toBe(`011100102112a442${id}0009000400000414000a000400030021`)
  })

  test('[SF-3] attributes that ask nothing of us do no harm', () => {
    const answer = answerStun(request('8022000353495000' + '0006000161000000'), { address: '192.0.2.1', port: 1 })
    expect(hex(answer)?.slice(0, 4)).toBe('0101')
  })

  test('[SF-3] silence for everything else: other methods, wrong lengths, attributes that end too late', () => {
    const from = { address: '192.0.2.1', port: 1 }
    expect(answerStun(Buffer.from(`011100002112a442${id}`, 'hex'), from)).toBeUndefined()
    expect(answerStun(Buffer.from(`000100082112a442${id}`, 'hex'), from)).toBeUndefined()
    expect(answerStun(request('8022ffff'), from)).toBeUndefined()
    expect(answerStun(request('80220000'.repeat(200)), from)).toBeUndefined()
  })

  test('SIP is never taken for STUN', () => {
    expect(isStun(Buffer.from('MESSAGE sip:7001@im.example SIP/2.0\r\n'))).toBe(false)
    expect(isStun(Buffer.alloc(20))).toBe(false)
    expect(isStun(Buffer.alloc(0))).toBe(false)
    expect(isStun(request())).toBe(true)
  })
})
