import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { addresses, compose, deploy, mounts, secretsOf, service, services } from './support/compose.ts'
import { run } from './support/package.ts'

const text = (path: string) => readFileSync(join(deploy, path), 'utf8')
const each = services.map(([name, one]) => ({ name, one }))

/** Ports each service's own configuration opens, as `port/protocol`. */
const listening: Readonly<Record<string, () => readonly string[]>> = {
  valkey: () => [`${/^port (\d+)$/m.exec(text('valkey/valkey.conf'))?.[1]}/tcp`],
  node1: () => ofEngine('ringdown'),
  node2: () => ofEngine('ringdown'),
  node3: () => ofEngine('ringdown-drachtio'),
  haproxy: () => [...text('haproxy/haproxy.cfg').matchAll(/^ {2}bind :(\d+)$/gm)].map(([, port]) => `${port}/tcp`),
  kamailio: () => {
    const { EDGE_SIP_PORT, EDGE_WS_PORT, EDGE_INNER_PORT } = service('kamailio').environment ?? {}
    return [EDGE_SIP_PORT, EDGE_INNER_PORT]
      .flatMap((port) => [`${port}/udp`, `${port}/tcp`])
      .concat(`${EDGE_WS_PORT}/tcp`)
  },
  asterisk: () => [`${service('asterisk').environment?.ASTERISK?.split(':')[1]}/udp`],
  drachtio: () => {
    const words = service('drachtio').entrypoint?.join(' ') ?? ''
    const [sip, admin] = [/--contact 'sip:[\d.]+:(\d+)/.exec(words)?.[1], /--port (\d+)/.exec(words)?.[1]]
    return [`${sip}/udp`, `${sip}/tcp`, `${admin}/tcp`]
  },
  prometheus: () => ['9090/tcp'],
  grafana: () => ['3000/tcp'],
}

function ofEngine(file: string): readonly string[] {
  const { http, sip, msrp } = parse(text(`compose/${file}.yaml`))
  const listeners = [...(sip.listen ?? []), ...msrp.listen] as { transport: string; port: number }[]
  return [
    `${http.port}/tcp`,
    ...listeners.map(({ transport, port }) => `${port}/${transport === 'udp' ? 'udp' : 'tcp'}`),
  ]
}

/** The service of this name, alias or address has this port open. */
function expectOpen(host: string, port: string): void {
  const [name] = services.find(([name]) => addresses(name).includes(host)) ?? []
  expect([host, name]).not.toEqual([host, undefined])
  expect(listening[name ?? '']?.(), `${host}:${port}`).toContain(port)
}

describe('[DE-8] deploy/compose.yaml', () => {
  test('is what the Compose Specification allows, merged and as it is', () => {
    const schema = JSON.parse(readFileSync(new URL('schema/compose-spec.json', import.meta.url), 'utf8'))
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
    const { $schema: _, ...rules } = schema
    const fits = ajv.compile(rules)
    fits(compose)
    expect(fits.errors).toBeNull()
    expect(fits({ services: { a: { imaeg: 'b' } } })).toBe(false)
  })

  test.each(each)('$name: image pinned, bounded, watched over, without privileges', ({ one }) => {
    expect(one.image).toMatch(/^[\w./-]+:v?\d+[.]\d+[.]\d+(-[\w.]+)?$/)
    expect(one.restart).toBe('unless-stopped')
    expect(Object.keys(one.deploy.resources.limits).sort()).toEqual(['cpus', 'memory', 'pids'])
    expect(one.security_opt).toEqual(['no-new-privileges:true'])
    // The image of the engine brings its own; Asterisk changes its user itself.
    if (!one.build) expect(one.healthcheck?.test[0]).toBe('CMD')
    if (!one.image.includes('asterisk')) expect(one.cap_drop).toEqual(['ALL'])
  })

  test.each(each)('$name: what it mounts is there, what it needs is defined and started before', ({ name, one }) => {
    for (const { source, mode } of mounts(one)) {
      expect(existsSync(source), source).toBe(true)
      expect(mode).toBe('ro')
    }
    const named = (one.volumes ?? [])
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((from) => !from.startsWith('.'))
    for (const volume of named) expect(Object.keys(compose.volumes)).toContain(volume)
    for (const { source } of secretsOf(one)) expect(Object.keys(compose.secrets)).toContain(source)
    for (const network of Object.keys(one.networks)) expect(Object.keys(compose.networks)).toContain(network)
    for (const [other, { condition }] of Object.entries(one.depends_on ?? {})) {
      expect(condition).toBe('service_healthy')
      // What it waits for is started whenever it is.
      for (const profile of service(other).profiles ?? []) expect([name, one.profiles]).toEqual([name, [profile]])
    }
  })

  test('all that is defined is used', () => {
    const used = services.flatMap(([, one]) => secretsOf(one).map(({ source }) => source))
    expect([...new Set(used)].sort()).toEqual(Object.keys(compose.secrets).sort())
    const folders = ['compose', 'haproxy', 'valkey', 'prometheus', 'grafana']
    const mounted = services.flatMap(([, one]) => mounts(one).map(({ source }) => source))
    for (const folder of folders) expect(mounted.some((path) => path.startsWith(join(deploy, folder)))).toBe(true)
  })

  test('profiles are those of the page, and two engine nodes run without any', () => {
    const profiles = new Set(services.flatMap(([, one]) => one.profiles ?? []))
    expect([...profiles].sort()).toEqual(['asterisk', 'drachtio', 'monitoring', 'sip'])
    const always = services.filter(([, one]) => !one.profiles).map(([name]) => name)
    expect(always.sort()).toEqual(['haproxy', 'node1', 'node2', 'valkey'])
  })

  test.each(each)(
    '$name: ports that are published are open inside, on loopback unless said otherwise',
    ({ name, one }) => {
      for (const port of one.ports ?? []) {
        const [, host, , inside] =
          /^(\$\{RINGDOWN_LISTEN:-127[.]0[.]0[.]1\}|127[.]0[.]0[.]1):(\d+):(\d+[/]\w+)$/.exec(port) ?? []
        expect(host, port).toBeDefined()
        expect(listening[name]?.()).toContain(inside)
      }
      // The store and the nodes themselves are nobody's business outside.
      if (['valkey', 'node1', 'node2', 'node3'].includes(name)) expect(one.ports).toBeUndefined()
    },
  )

  test('host ports are taken once', () => {
    const taken = services.flatMap(([, { ports = [] }]) => ports.map((port) => port.replace(/^.*:(\d+):\d+/, '$1')))
    expect(new Set(taken).size).toBe(taken.length)
  })
})

describe('[DE-8] addresses between components', () => {
  test('HAProxy leads to nodes', () => {
    const servers = [...text('haproxy/haproxy.cfg').matchAll(/^ {2}server \S+ (\S+):(\d+)/gm)]
    expect(servers).toHaveLength(2)
    for (const [, host = '', port] of servers) expectOpen(host, `${port}/tcp`)
  })

  test('nodes lead to Valkey, Asterisk and the drachtio-server', () => {
    for (const file of ['ringdown', 'ringdown-drachtio']) {
      const { store, contactCentres } = parse(text(`compose/${file}.yaml`))
      const { hostname, port } = new URL(store.redis.url)
      expectOpen(hostname, `${port}/tcp`)
      const trunk = contactCentres[0].dns.find(({ type }: { type?: string }) => type === 'Trunk')
      const [, host = '', sip] = /^sip:([\d.]+):(\d+)$/.exec(trunk.annex.TServer.contact) ?? []
      expectOpen(host, `${sip}/udp`)
    }
    const { drachtio } = parse(text('compose/ringdown-drachtio.yaml')).sip
    expectOpen(drachtio.host, `${drachtio.port}/tcp`)
  })

  test('Kamailio and Asterisk lead to nodes, at the addresses the nodes listen at', () => {
    const destinations = [...text('compose/dispatcher.list').matchAll(/^1 sip:([\d.]+):(\d+) /gm)]
    expect(destinations).toHaveLength(2)
    for (const [, host = '', port] of destinations) {
      expectOpen(host, `${port}/udp`)
      expectOpen(host, `${port}/tcp`)
    }
    const { RINGDOWN = '', RINGDOWN_NODES = '' } = service('asterisk').environment ?? {}
    const [host = '', port] = RINGDOWN.split(':')
    expectOpen(host, `${port}/udp`)
    expect(RINGDOWN_NODES.split(',')).toEqual(destinations.map(([, address]) => address))
    for (const name of ['node1', 'node2', 'node3'])
      expect(addresses(name)).toContain(service(name).environment?.RINGDOWN_ADDRESS)
    const { EDGE_HOST = '' } = service('kamailio').environment ?? {}
    expect(addresses('kamailio')).toContain(EDGE_HOST)
    expect(parse(text('compose/ringdown.yaml')).sip.domains).toContain(EDGE_HOST)
  })

  test('Prometheus asks nodes with the token they have, Grafana asks Prometheus', () => {
    const {
      scrape_configs: [job],
    } = parse(text('prometheus/prometheus.yml'))
    const targets = job.static_configs[0].targets as string[]
    for (const target of targets) expectOpen(target.split(':')[0] ?? '', `${target.split(':')[1]}/tcp`)
    expect(targets).toHaveLength(2)
    const token = secretsOf(service('prometheus')).find(({ source }) => source === 'monitoring-token')
    expect(token?.target).toBe(`/etc/prometheus/${job.authorization.credentials_file}`)
    expect(parse(text('compose/ringdown.yaml')).monitoring.token.file).toBe('/run/secrets/monitoring-token')
    const [datasource] = parse(text('grafana/provisioning/datasources/ringdown.yaml')).datasources
    const { hostname, port } = new URL(datasource.url)
    expectOpen(hostname, `${port}/tcp`)
    const [provider] = parse(text('grafana/provisioning/dashboards/ringdown.yaml')).providers
    expect(mounts(service('grafana')).map(({ target }) => target)).toContain(provider.options.path)
  })

  test('who speaks to whom shares a network; the store has none to the outside', () => {
    expect(compose.networks.inner).toEqual({ internal: true })
    expect(Object.keys(service('valkey').networks)).toEqual(['inner'])
    for (const name of ['node1', 'node2', 'node3'])
      expect(Object.keys(service(name).networks).sort()).toEqual(['front', 'inner'])
  })
})

describe('[DE-8] Asterisk', () => {
  test('gets its files with the addresses of the compose file, and no other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringdown-asterisk-'))
    try {
      // What is started at the end says with which words, and nothing more.
      symlinkSync('/bin/echo', join(folder, 'asterisk'))
      const { environment = {}, entrypoint = [] } = service('asterisk')
      const words = entrypoint.slice(2).map((word) => (word === '/etc/asterisk' ? folder : word))
      const env = { PATH: `${folder}:/usr/bin:/bin`, ...environment }
      const { stdout } = await run('sh', [join(deploy, 'asterisk/start.sh'), ...words], { env })
      expect(stdout).toBe('-f\n')
      const [pjsip, extensions] = ['pjsip', 'extensions'].map((name) =>
        readFileSync(join(folder, `${name}.conf`), 'utf8'),
      )
      expect(pjsip).toContain(`bind=${environment.ASTERISK}`)
      expect(pjsip).toContain(`contact=sip:${environment.RINGDOWN}`)
      expect(pjsip).toContain(`match=${environment.RINGDOWN_NODES}`)
      expect(extensions).toContain(`@${environment.RINGDOWN},`)
      expect(`${pjsip}${extensions}`).not.toContain('127.0.0.1')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('[DE-8] secrets', () => {
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ringdown-secrets-'))
    await run('sh', [join(deploy, 'compose/secrets.sh'), join(folder, 'secrets')])
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('the script makes each the file names, for its owner only, and once', async () => {
    const all = readdirSync(join(folder, 'secrets')).sort()
    expect(all).toEqual(
      Object.values(compose.secrets)
        .map(({ file }) => file.replace('./secrets/', ''))
        .sort(),
    )
    expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700)
    const values = () => all.map((name) => readFileSync(join(folder, 'secrets', name), 'utf8'))
    const first = values()
    expect(new Set(first).size).toBe(all.length)
    for (const value of first) expect(value.length).toBeGreaterThanOrEqual(32)
    await run('sh', [join(deploy, 'compose/secrets.sh'), join(folder, 'secrets')])
    expect(values()).toEqual(first)
  })

  test('the store gives the engine the rights its rules list', () => {
    const rules = readFileSync(join(deploy, '../packages/session-store/SPEC.md'), 'utf8')
    const listed = /An ACL that is enough: `([^`]*)`/.exec(rules)?.[1]?.split(/\s+/) ?? []
    const given = readFileSync(join(folder, 'secrets/valkey-users.acl'), 'utf8')
    const user = /^user ringdown on #[0-9a-f]{64} (.*)$/m.exec(given)?.[1]?.split(' ') ?? []
    expect(user.sort()).toEqual(listed.sort())
    expect(given).toMatch(/^user default off$/m)
  })

  test('the nodes read those they are given, and no secret stands in a file of the repository', () => {
    for (const [name, file] of [
      ['node1', 'ringdown'],
      ['node3', 'ringdown-drachtio'],
    ] as const) {
      const named = [...text(`compose/${file}.yaml`).matchAll(/file: (\/run\/secrets\/[\w-]+)/g)].map(
        ([, path]) => path,
      )
      const files = Object.entries(service(name).environment ?? {}).filter(([key]) => key.endsWith('_FILE'))
      const read = [...named, ...files.map(([, path]) => path)].sort()
      expect(
        secretsOf(service(name))
          .map(({ target }) => target)
          .sort(),
      ).toEqual(read)
      expect(text(`compose/${file}.yaml`)).not.toMatch(/password: (?!\{ file: |"\$\{)/)
    }
  })

  test('both files of nodes are about the same contact centre', () => {
    const [one, other] = ['ringdown', 'ringdown-drachtio'].map((file) => parse(text(`compose/${file}.yaml`)))
    expect(other.contactCentres).toEqual(one.contactCentres)
  })

  test('a node may take as long to drain as compose gives it', () => {
    const seconds = Number(/^(\d+)s$/.exec(service('node1').stop_grace_period ?? '')?.[1])
    for (const file of ['ringdown', 'ringdown-drachtio']) {
      const { noticeMs = 0, finishMs = 10_000 } = parse(text(`compose/${file}.yaml`)).drain ?? {}
      expect(seconds * 1000).toBeGreaterThanOrEqual(noticeMs + finishMs + 5_000)
    }
  })
})
