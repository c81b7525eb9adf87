import { createHmac } from 'node:crypto'

/** What a secret is written like, as Standard Webhooks has it: 24 to 64 bytes in base64 behind this. */
const prefix = 'whsec_'
const keyBytes = { least: 24, most: 64 } as const

/** The key a secret stands for; undefined where it is none. */
export function keyOf(secret: string): Buffer | undefined {
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : ''
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return undefined
  const key = Buffer.from(text, 'base64')
  return key.length >= keyBytes.least && key.length <= keyBytes.most ? key : undefined
}

/** A secret made of 32 random bytes. */
export function secretOf(bytes: Uint8Array): string {
  return prefix + Buffer.from(bytes).toString('base64')
}

/**
 * The headers of one attempt: Standard Webhooks 1.0.0, symmetric. One signature for each key, so a receiver may still have the one
 * before. `now`: milliseconds since 1970.
 */
export function signed(id: string, body: string, keys: readonly Uint8Array[], now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000))
  const signatures = keys.map((key) => {
    const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
    return `v1,${mac}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
