import { loadConfig } from '../../config/load-config.ts'
import type { Context, Scale } from '../check.ts'
import type { System } from '../system.ts'

/** A machine on which nothing is wrong and nothing listens, with these files. */
export function fakeSystem(files: Readonly<Record<string, string>> = {}, more: Partial<System> = {}): System {
  const names = Object.keys(files)
  return {
    platform: 'linux',
    clock: { now: () => Date.UTC(2026, 0, 1), after: () => () => undefined },
    readText: (path) => files[path],
    list: (path) => {
      const below = names
        .filter((name) => name.startsWith(`${path}/`))
        .map((name) => name.slice(path.length + 1).split('/')[0] ?? '')
      return [...new Set(below)]
    },
    readLink: (path) => files[path],
    cores: 4,
    memory: 8 * 1024 ** 3,
    heapLimit: 4 * 1024 ** 3,
    monotonic: () => 0,
    lookup: async () => ['192.0.2.1'],
    run: async () => undefined,
    tryListen: async () => undefined,
    tryConnect: async () => undefined,
    isRingdown: async () => false,
    ...more,
  }
}

const centre = `contactCentres:
  - id: acme
    switches: [{ name: S }]
    dns: [{ number: 7001, switch: S, annex: { TServer: { multimedia: true, sip-signaling-chat: none } } }]
    places: [{ name: P, dns: [7001] }]
    agentLogins: [{ code: L, switch: S }]
    persons:
      - { userName: anna, place: P, agentLogins: [L], passwordHash: $scrypt$x }
      - { userName: root, roles: [admin], passwordHash: $scrypt$x }
`

/** A configuration for a check to look at. Throws where it has a mistake. */
export function contextOf(yaml: string, system: System = fakeSystem(), scale: Partial<Scale> = {}): Context {
  const text = yaml.includes('contactCentres:') ? yaml : `${yaml}\n${centre}`
  const loaded = loadConfig(text, { env: {}, readFile: (path) => system.readText(path) ?? '' })
  if ('mistakes' in loaded) throw new Error(loaded.mistakes.map(({ message }) => message).join('\n'))
  return { config: loaded.config, system, scale: { agents: 100, sipNumbers: 0, ...scale } }
}
