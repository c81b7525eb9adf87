import { BlockList, isIP } from 'node:net'

/**
 * Addresses that lead to nobody on the open internet, or to more than it: IANA's special-purpose registries, and what leads to an IPv4
 * address in disguise. `168.63.129.16` is public by its number and the host's own agent on Azure.
 */
// biome-ignore format: read it as a table
const closed = {
  ipv4: [
    ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['168.63.129.16', 32], ['169.254.0.0', 16], ['172.16.0.0', 12],
    ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24],
    ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4],
  ],
  // All that is public lies in 2000::/3; these are the parts of it that are not. 2001::/23 has Teredo, 2002::/16 is 6to4.
  ipv6: [['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['3fff::', 20]],
} as const

const closedList = new BlockList()
for (const [net, prefix] of closed.ipv4) closedList.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of closed.ipv6) closedList.addSubnet(net, prefix, 'ipv6')
const openIPv6 = new BlockList()
openIPv6.addSubnet('2000::', 3, 'ipv6')
const mapped = new BlockList()
mapped.addSubnet('::ffff:0:0', 96, 'ipv6')

/** Networks that may be connected to though they are not public. */
export type Networks = BlockList

/** Whether a text is a network such as `10.0.0.0/8`, or an address. */
export function isNetwork(text: string): boolean {
  return readNetwork(text) !== undefined
}

/** The networks of the configuration, which were checked. */
export function networksOf(texts: readonly string[]): Networks {
  const list = new BlockList()
  for (const text of texts) {
    const network = readNetwork(text)
    if (network) list.addSubnet(network.address, network.prefix, network.family)
  }
  return list
}

/** Whether we may connect to an address: it is public, or in a network that was allowed. SPEC WH-30. */
export function mayConnect(address: string, allowed: Networks): boolean {
  return isAllowed(address, allowed) || isPublic(address)
}

/** Whether an address is in a network that was allowed by name. */
export function isAllowed(address: string, allowed: Networks): boolean {
  const plain = plainAddress(address)
  return plain !== undefined && allowed.check(plain.address, plain.family)
}

function isPublic(address: string): boolean {
  const plain = plainAddress(address)
  if (!plain || closedList.check(plain.address, plain.family)) return false
  return plain.family === 'ipv4' || openIPv6.check(plain.address, 'ipv6')
}

/** An IPv4 address in IPv6 clothes (::ffff:0:0/96) is that IPv4 address; a zone is a link's, and no part of the address. */
function plainAddress(address: string): { address: string; family: 'ipv4' | 'ipv6' } | undefined {
  const bare = address.replace(/^\[|\]$/g, '').split('%', 1)[0] ?? ''
  if (isIP(bare) === 4) return { address: bare, family: 'ipv4' }
  if (isIP(bare) !== 6) return undefined
  if (!mapped.check(bare, 'ipv6')) return { address: bare, family: 'ipv6' }
  // The parser of URLs writes the last 32 bits in hexadecimal, however they were written.
  const [high = '0', low = '0'] = new URL(`http://[${bare}]/`).hostname.slice(1, -1).split(':').slice(-2)
  const bits = (Number.parseInt(high || '0', 16) << 16) | Number.parseInt(low || '0', 16)
  return { address: [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.'), family: 'ipv4' }
}

function readNetwork(text: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', length, more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more !== undefined || address.includes('%')) return undefined
  const most = version === 4 ? 32 : 128
  if (length === undefined) return { address, prefix: most, family: version === 4 ? 'ipv4' : 'ipv6' }
  if (!/^\d{1,3}$/.test(length) || Number(length) > most) return undefined
  return { address, prefix: Number(length), family: version === 4 ? 'ipv4' : 'ipv6' }
}
