import { describe, expect, test } from 'vitest'
import { isCallUUID, makeCallUUID, makeConnID } from './ids.ts'

const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

describe('CallUUID', () => {
  // Read from public samples, see the T-Server reference: 16 bytes, counter, and the id a real server made of them.
  test.each([
    ['00384f5acdea151b87f5400f0a0aaa77', 2, '00S4UMMDT8AHN1VL807GK2LAES000002'],
    ['00084350154414c1ad3b400f0a0aaa77', 13, '00446K0L8GAC3B9R807GK2LAES00000D'],
    ['001506442699171799c185e37a0aaa77', 27, '00AGCH16J4BHF6E1GNHNK2LAES00000R'],
    ['558ad1a9c96a40729d74ef3f3eb24ad9', 36, 'AM5D3AE9D90757BKTSVJTCIAR4000014'],
    ['b9af4c4ecde84d248e2f81be0205a9a8', 1, 'N6NKOJMDT16I93HFG6V041D9L0000001'],
  ])('[ID-1] of %s, call %i is %s', (hex, counter, id) => {
    expect(makeCallUUID(bytes(hex), counter)).toBe(id)
    expect(isCallUUID(id)).toBe(true)
  })

  test('[ID-1] has one form: length, digits and the two zero bits are looked at', () => {
    expect(isCallUUID('00S4UMMDT8AHN1VL807GK2LAES00000')).toBe(false)
    expect(isCallUUID('00s4ummdt8ahn1vl807gk2laes000002')).toBe(false)
    expect(isCallUUID('00S4UMMDT8AHN1VL807GK2LAEX000002')).toBe(false)
    expect(isCallUUID('00S4UMMDT8AHN1VL807GK2LAE1000002')).toBe(false)
  })
})

describe('ConnID', () => {
  test('[ID-2] names the server in its upper 14 bits', () => {
    expect(makeConnID(27, 1n)).toBe('006c000000000001')
    expect(makeConnID(0, 1n)).toBe('0000000000000001')
    expect(makeConnID(16_383, (1n << 50n) - 1n)).toBe('ffffffffffffffff')
  })
})
