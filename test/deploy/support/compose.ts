import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { root } from './package.ts'

export interface Service {
  image: string
  build?: unknown
  profiles?: readonly string[]
  command?: readonly string[]
  entrypoint?: readonly string[]
  environment?: Readonly<Record<string, string>>
  volumes?: readonly string[]
  secrets?: readonly (string | { source: string; target: string })[]
  ports?: readonly string[]
  networks: Readonly<Record<string, { ipv4_address?: string; aliases?: readonly string[] }>>
  depends_on?: Readonly<Record<string, { condition: string }>>
  healthcheck?: { test: readonly string[] }
  deploy: { resources: { limits: Readonly<Record<string, unknown>> } }
  restart: string
  cap_drop?: readonly string[]
  security_opt: readonly string[]
  stop_grace_period?: string
}

export interface Compose {
  services: Readonly<Record<string, Service>>
  networks: Readonly<Record<string, { internal?: boolean } | null>>
  volumes: Readonly<Record<string, unknown>>
  secrets: Readonly<Record<string, { file: string }>>
}

export const deploy = join(root, 'deploy')

/** `deploy/compose.yaml`, merges done, variables as the file has them. */
export const compose = parse(readFileSync(join(deploy, 'compose.yaml'), 'utf8'), { merge: true }) as Compose
export const services = Object.entries(compose.services)

/** A service by its name. */
export function service(name: string): Service {
  const found = compose.services[name]
  if (!found) throw new Error(`there is no service ${name}`)
  return found
}

/** What `source:target[:mode]` mounts from the repository; named volumes are left out. */
export function mounts({ volumes = [] }: Service): { source: string; target: string; mode: string | undefined }[] {
  return volumes
    .map((volume) => volume.split(':'))
    .filter(([source = '']) => source.startsWith('.'))
    .map(([source = '', target = '', mode]) => ({ source: join(deploy, source), target, mode }))
}

/** Names and targets of a service's secrets. */
export const secretsOf = ({ secrets = [] }: Service): { source: string; target: string }[] =>
  secrets.map((secret) => (typeof secret === 'string' ? { source: secret, target: `/run/secrets/${secret}` } : secret))

/** Where a service is called from others: its name and aliases, its address on `front`. */
export function addresses(name: string): string[] {
  const { networks } = service(name)
  const own = Object.values(networks).flatMap((network) => [network?.ipv4_address ?? [], network?.aliases ?? []].flat())
  return [name, ...own]
}
