import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto'
import type { DNumber } from '../../tserver/ids.ts'
import type { Binding } from '../../tserver/registration.ts'
import { hmacSHA256 } from '../digest/hmac.ts'
import type { SipUri } from '../message/message.ts'

/** Which of a DN's bindings a GRUU names. */
export interface GruuTarget {
  readonly dn: DNumber
  matches(binding: Binding): boolean
}

const userPrefix = 'tgruu.'
const cipher = 'aes-256-gcm'
const [ivLength, tagLength, digestLength] = [12, 16, 8]

/** The URI that always leads to this instance of the DN, and says which DN it is. RFC 5627 §3.1.1. */
export function publicGruu(dn: DNumber, domain: string, instance: string): string {
  return `sip:${encodeURIComponent(dn)}@${domain};gr=${paramValue(instance)}`
}

/**
 * A URI that leads to this instance of the DN as long as it stays registered with the same Call-ID, and tells outsiders nothing of the
 * DN: all of it is sealed in the user part, so any node that has the key can read it and none has to remember it. RFC 5627 §3.1.2.
 */
export function temporaryGruu(
  key: Uint8Array,
  dn: DNumber,
  domain: string,
  binding: Pick<Binding, 'instance' | 'callID'>,
): string {
  const iv = randomBytes(ivLength)
  const seal = createCipheriv(cipher, sealKey(key), iv)
  const sealed = [iv, seal.update(digestOf(binding)), seal.update(dn), seal.final(), seal.getAuthTag()]
  return `sip:${userPrefix}${Buffer.concat(sealed).toString('base64url')}@${domain};gr`
}

/** Whom a URI with a `gr` parameter means; undefined where it has none or is not one of ours. */
export function readGruu(key: Uint8Array, { user, params }: SipUri): GruuTarget | undefined {
  const instance = params.get('gr')
  if (instance === undefined || user === undefined) return undefined
  if (instance !== null) return { dn: user as DNumber, matches: (binding) => binding.instance === instance }
  if (!user.startsWith(userPrefix) || user.length > 256) return undefined
  const text = unseal(key, Buffer.from(user.slice(userPrefix.length), 'base64url'))
  if (!text) return undefined
  const digest = text.subarray(0, digestLength)
  return {
    dn: text.toString('utf8', digestLength) as DNumber,
    matches: (binding) => binding.instance !== undefined && digestOf(binding).equals(digest),
  }
}

function unseal(key: Uint8Array, sealed: Buffer): Buffer | undefined {
  if (sealed.length <= ivLength + digestLength + tagLength) return undefined
  const end = sealed.length - tagLength
  const open = createDecipheriv(cipher, sealKey(key), sealed.subarray(0, ivLength)).setAuthTag(sealed.subarray(end))
  try {
    return Buffer.concat([open.update(sealed.subarray(ivLength, end)), open.final()])
  } catch {
    // Not sealed with this key.
    return undefined
  }
}

function sealKey(key: Uint8Array): Buffer {
  return hmacSHA256(key, Buffer.from('temporary GRUU'))
}

function digestOf({ instance, callID }: Pick<Binding, 'instance' | 'callID'>): Buffer {
  return hash('sha256', `${instance}\0${callID}`, 'buffer').subarray(0, digestLength)
}

/** RFC 3261 §25.1, paramchar: `urn:uuid:…` stays readable. */
function paramValue(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':')
}
