import type { Check, Context } from './check.ts'
import type { Finding } from './finding.ts'
import { type ListenerPlace, listenersOf } from './listeners.ts'
import { ownerOf } from './port-owner.ts'

/** Whether every port that is configured can be listened at. Where a server runs already it holds them, and is left alone. SPEC DR-4. */
export const ports: Check = {
  name: 'ports',
  look: async (context) => {
    const places = listenersOf(context.config).filter(({ port }) => port !== 0)
    const running = await context.system.isRingdown(addressOf(context.config))
    const found = (await Promise.all(places.map((place) => lookAt(place, running, context)))).flat()
    if (found.length > 0 || places.length === 0) return found
    const list = places.map(({ transport, port }) => `${port}/${transport}`).join(', ')
    const what = running ? `Ringdown runs here, and has the ports ${list}.` : `The ports ${list} are free.`
    return [{ check: 'ports', severity: 'ok', what }]
  },
}

/** Empty where it is free, or a running Ringdown has it. */
async function lookAt(
  { key, transport, host, port }: ListenerPlace,
  running: boolean,
  { system }: Context,
): Promise<Finding[]> {
  const where = `${transport} ${host.includes(':') ? `[${host}]` : host}:${port}`
  const owner = ownerOf(system, transport, port)
  // Another user's process: that which answers as Ringdown, then.
  if (owner?.isRingdown || (running && (key === 'http' || (owner && owner.name === undefined)))) return []
  const problem = (what: string, lift: string): Finding[] => [{ check: 'ports', severity: 'problem', what, lift }]
  const code = await system.tryListen(transport, { host, port })
  switch (code) {
    case undefined:
      return []
    case 'EADDRINUSE': {
      const who =
        owner?.name === undefined ? 'another process; who, only root can tell' : `${owner.name} (pid ${owner.pid})`
      return problem(`${where} (${key}) is taken by ${who}.`, `Stop it, or set another port at ${key}.`)
    }
    case 'EACCES':
      return problem(
        `${where} (${key}) may not be listened at: ports below ${system.readText('/proc/sys/net/ipv4/ip_unprivileged_port_start')?.trim() ?? 1024} need a privilege.`,
        'Give the service AmbientCapabilities=CAP_NET_BIND_SERVICE, lower net.ipv4.ip_unprivileged_port_start, or take a higher port behind a proxy.',
      )
    case 'EADDRNOTAVAIL':
      return problem(
        `${host} (${key}) is no address of this machine.`,
        'Listen at an address that ip address shows, or at 0.0.0.0 for all.',
      )
    default:
      return problem(`${where} (${key}) cannot be listened at (${code}).`, `Set another address or port at ${key}.`)
  }
}

function addressOf({ http: { host, port, tls } }: Context['config']): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  return `${tls ? 'https' : 'http'}://${name}:${port}`
}
