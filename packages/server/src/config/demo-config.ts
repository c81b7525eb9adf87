import { randomInt } from 'node:crypto'
import { type Loaded, loadConfig } from './load-config.ts'
import type { Surroundings } from './read-yaml.ts'

/** User names of the demo contact centre, the agents first. */
export const demoUsers = ['anna', 'ben', 'admin'] as const
export type DemoUser = (typeof demoUsers)[number]
/** Generated passwords by user name. */
export type DemoPasswords = Readonly<Record<DemoUser, string>>

/** Where a demo run listens and keeps its things. */
export interface DemoPlace {
  host: string
  port: number
  /** The store's directory. */
  directory: string
}

// Nothing that is easily taken for something else.
const letters = 'abcdefghijkmnpqrstuvwxyz23456789'

/** A new password that is easily typed: 4 groups of 4 out of 32 characters, 80 bits. */
export function makeTypeablePassword(): string {
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return Array.from({ length: 4 }, group).join('-')
}

/** New passwords. */
export function makeDemoPasswords(): DemoPasswords {
  return { anna: makeTypeablePassword(), ben: makeTypeablePassword(), admin: makeTypeablePassword() }
}

/** The configuration of a run without a file, in the words of a file: what works here works there. SPEC SV-7. */
export function demoYaml({ host, port, directory }: DemoPlace): string {
  const chat = '{ TServer: { multimedia: true, sip-signaling-chat: none } }'
  return `http: { host: ${JSON.stringify(host)}, port: ${port} }
store: { embedded: { directory: ${JSON.stringify(directory)} } }
contactCentres:
  - id: demo
    name: Demo contact centre
    switches: [{ name: SIP_Switch }]
    dns:
      - { number: 7001, switch: SIP_Switch, annex: ${chat} }
      - { number: 7002, switch: SIP_Switch, annex: ${chat} }
    places:
      - { name: Place_7001, dns: [7001] }
      - { name: Place_7002, dns: [7002] }
    agentLogins:
      - { code: 5001, switch: SIP_Switch }
      - { code: 5002, switch: SIP_Switch }
    persons:
      - { userName: anna, firstName: Anna, lastName: Berg, place: Place_7001, agentLogins: [5001], password: "${'$'}{anna}" }
      - { userName: ben, firstName: Ben, lastName: Clarke, place: Place_7002, agentLogins: [5002], password: "${'$'}{ben}" }
      - { userName: admin, firstName: Ada, lastName: Lind, roles: [admin], password: "${'$'}{admin}" }
`
}

/** The demo contact centre with these passwords. */
export function demoConfig(place: DemoPlace, passwords: DemoPasswords): Loaded {
  const around: Surroundings = {
    env: passwords,
    readFile: (path) => {
      throw new Error(`the demo reads no files: ${path}`)
    },
  }
  return loadConfig(demoYaml(place), around)
}
