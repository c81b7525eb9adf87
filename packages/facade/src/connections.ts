import { BlockList, isIPv6, type Server, type Socket } from 'node:net'

/** How many connections a server holds. */
export interface ConnectionLimits {
  /** In all. */
  connections: number
  /** From one address, or IPv6 network of 64 bits; 0: any number. */
  connectionsPerAddress: number
  /** Addresses or networks that are not counted, for many come through them. */
  exempt: readonly string[]
}

/** What was refused. */
export type ConnectionRefusal = 'connections' | 'connectionsPerAddress'

/**
 * Holds a server to so many connections; one more is closed before anything of it is read. To be called before it listens. The table is as
 * large as the connections are many. SPEC SE-20.
 */
export function limitConnections(
  server: Server,
  { connections, connectionsPerAddress, exempt }: ConnectionLimits,
  onRefused: (why: ConnectionRefusal) => void,
): void {
  server.maxConnections = connections
  server.on('drop', () => onRefused('connections'))
  if (connectionsPerAddress === 0) return
  const free = networksOf(exempt)
  const counts = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    if (free(address)) return
    const from = sourceOf(address)
    const count = counts.get(from) ?? 0
    if (count >= connectionsPerAddress) {
      onRefused('connectionsPerAddress')
      socket.destroy()
      return
    }
    counts.set(from, count + 1)
    socket.once('close', () => {
      const left = (counts.get(from) ?? 1) - 1
      if (left > 0) counts.set(from, left)
      else counts.delete(from)
    })
  })
}

/** Whether an address lies in one of these, which are addresses and networks in the form of `10.0.0.0/8`. */
export function networksOf(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  // An IPv4 peer of a socket that takes both looks like ::ffff:192.0.2.1, which the list knows.
  return (address) => address !== '' && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/** What counts as one source: who has one IPv6 address has 2^64 of them. */
export function sourceOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address.replace(/^::ffff:/, '')
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const groups = head === '' ? [] : head.split(':')
  const behind = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : new Array<string>(Math.max(0, 8 - groups.length - behind.length)).fill('0')
  return [...groups, ...zeros, ...behind]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
