import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

const element = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const { length } = body
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(head), body])
}
const sequence = (...parts: Uint8Array[]) => element(0x30, ...parts)
const oid = (hexDigits: string) => element(0x06, Buffer.from(hexDigits, 'hex'))
const time = (year: number) => element(0x18, Buffer.from(`${year}0101000000Z`))

/** A self-signed certificate for a host name, with its key, both PEM. */
export function certificate(host: string): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))
  const name = sequence(element(0x31, sequence(oid('550403'), element(0x0c, Buffer.from(host)))))
  const names = element(0x04, sequence(element(0x82, Buffer.from(host)))) // subjectAltName, dNSName
  const serial = element(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)]))
  const toSign = sequence(
    element(0xa0, element(0x02, Buffer.of(2))),
    serial,
    ecdsaWithSha256,
    name,
    sequence(time(2020), time(2090)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(sequence(oid('551d11'), names))),
  )
  const signature = element(0x03, Buffer.of(0), sign('sha256', toSign, privateKey))
  const der = sequence(toSign, ecdsaWithSha256, signature).toString('base64')
  const lines = der.match(/.{1,64}/g)?.join('\n') ?? ''
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  }
}
