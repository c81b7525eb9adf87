import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** Cost of scrypt (RFC 7914 §2): N = 2^ln, block size r, parallelism p. */
export interface ScryptCost {
  ln: number
  r: number
  p: number
}

/** 32 MiB and some 70 ms for each try. */
export const defaultCost: ScryptCost = { ln: 15, r: 8, p: 1 }
const saltLength = 16
const keyLength = 32

interface Hash extends ScryptCost {
  salt: Buffer
  key: Buffer
}

/** The password as a PHC string, `$scrypt$ln=15,r=8,p=1$<salt>$<key>`; what a person's `passwordHash` holds. A salt has 16 bytes. */
export async function hashPassword(
  password: string,
  cost: ScryptCost = defaultCost,
  salt: Buffer = randomBytes(saltLength),
): Promise<string> {
  return print({ ...cost, salt, key: await run(password, { ...cost, salt }, keyLength) })
}

/** Whether the password is the one that was hashed. A string that is no PHC scrypt hash of bearable cost matches nothing. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parsed = parse(hash)
  if (!parsed) return false
  return timingSafeEqual(await run(password, parsed, parsed.key.length), parsed.key)
}

/** A hash that no password has, as dear to check as the given one: what an unknown user is checked against. */
export function decoyHash(like: string | undefined): string {
  const { ln, r, p } = (like !== undefined && parse(like)) || defaultCost
  return print({ ln, r, p, salt: randomBytes(saltLength), key: randomBytes(keyLength) })
}

// RFC 8265 §4.2: the same password typed on another keyboard may come composed differently.
async function run(password: string, { ln, r, p, salt }: Omit<Hash, 'key'>, length: number): Promise<Buffer> {
  const N = 2 ** ln
  return derive(password.normalize('NFC'), salt, length, { N, r, p, maxmem: 256 * N * r * p + 2 ** 20 })
}

function print({ ln, r, p, salt, key }: Hash): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(key)}`
}

const phc = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{4,86})\$([A-Za-z0-9+/]{22,86})$/

function parse(hash: string): Hash | undefined {
  const [, ln, r, p, salt, key] = phc.exec(hash) ?? []
  if (salt === undefined || key === undefined) return undefined
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) }
  // One try takes 128·N·r·p bytes; a hash from a strange source must not take the machine.
  const bearable =
    cost.ln >= 1 && cost.ln <= 18 && cost.r >= 1 && cost.p >= 1 && 128 * 2 ** cost.ln * cost.r * cost.p <= 2 ** 28
  return bearable ? { ...cost, salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') } : undefined
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}
