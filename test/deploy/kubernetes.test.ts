import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { deploy } from './support/compose.ts'
import { dockerfile, only, stagesOf } from './support/dockerfile.ts'
import { kubernetes, type Thing, thingsIn, unknownKeys, validate } from './support/kubernetes.ts'
import { root, run } from './support/package.ts'

const kustomization = (folder: string) => parse(readFileSync(join(kubernetes, folder, 'kustomization.yaml'), 'utf8'))
const base = thingsIn('base')
const lab = thingsIn('overlays/lab')
const all = [...base, ...lab]
const config = parse(readFileSync(join(kubernetes, 'base/ringdown.yaml'), 'utf8'))

function one(kind: string, name: string): Thing {
  const [found, ...more] = all.filter((thing) => thing.kind === kind && thing.metadata.name === name)
  if (!found || more.length > 0) throw new Error(`${more.length + 1} of ${kind} ${name}`)
  return found
}
const sets = all.filter(({ kind }) => kind === 'StatefulSet')
const engine = one('StatefulSet', 'ringdown')
const container = (set: Thing) => set.spec.template.spec.containers[0]
const podLabels = (set: Thing) => set.spec.template.metadata.labels as Record<string, string>
const selects = (selector: Record<string, string>, set: Thing) =>
  Object.entries(selector).every(([key, value]) => podLabels(set)[key] === value)

describe('[DE-14] objects for Kubernetes', () => {
  test.each(all.map((thing) => ({ name: `${thing.kind} ${thing.metadata.name}`, thing })))(
    '$name passes the schema',
    ({ thing }) => {
      expect(() => validate(thing)).not.toThrow()
    },
  )

  test('have no key Kubernetes does not know; one that is misspelt is found', () => {
    expect(unknownKeys(all)).toEqual([])
    const wrong = structuredClone(engine)
    container(wrong).readynessProbe = container(wrong).readinessProbe
    expect(unknownKeys([wrong]).join()).toContain('readynessProbe')
  }, 120_000)

  test('kustomizations name files that are there, and all of them', () => {
    for (const folder of ['base', 'overlays/lab', 'components/service-monitor']) {
      const { resources, configMapGenerator = [], configurations = [] } = kustomization(folder)
      const files = configMapGenerator.flatMap(({ files }: { files: string[] }) => files) as string[]
      // The overlay's page says where this one is copied from.
      const own = [...resources, ...files, ...configurations].filter((path: string) => path !== 'valkey.conf')
      for (const path of own) expect([path, existsSync(join(kubernetes, folder, path))]).toEqual([path, true])
      const there = readdirSync(join(kubernetes, folder)).filter((name) => name.endsWith('.yaml'))
      expect(there.filter((name) => name !== 'kustomization.yaml').sort()).toEqual(
        own.filter((path: string) => !path.startsWith('..')).sort(),
      )
    }
  })
})

describe('[DE-14] what names something else', () => {
  test('selectors find pods: of sets, services, budgets, policies, spread', () => {
    for (const set of sets) {
      expect(selects(set.spec.selector.matchLabels, set)).toBe(true)
      expect(one('Service', set.spec.serviceName).spec.selector).toEqual(set.spec.selector.matchLabels)
      for (const { labelSelector } of set.spec.template.spec.topologySpreadConstraints ?? [])
        expect(selects(labelSelector.matchLabels, set)).toBe(true)
    }
    const selectors = all.flatMap(({ kind, spec }) => {
      if (kind === 'Service') return [spec.selector]
      if (kind === 'PodDisruptionBudget') return [spec.selector.matchLabels]
      return kind === 'NetworkPolicy' ? [spec.podSelector.matchLabels] : []
    })
    expect(selectors.length).toBeGreaterThanOrEqual(7)
    for (const selector of selectors) expect(sets.filter((set) => selects(selector, set))).toHaveLength(1)
    expect(one('ServiceAccount', engine.spec.template.spec.serviceAccountName)).toBeDefined()
  })

  test('ports have names that containers give them, and the engine listens there', () => {
    for (const { spec } of all.filter(({ kind }) => kind === 'Service')) {
      const [set] = sets.filter((candidate) => selects(spec.selector, candidate))
      const ports = container(set as Thing).ports as { name: string; protocol: string }[]
      for (const { targetPort, protocol } of spec.ports)
        expect(ports.find(({ name }) => name === targetPort)?.protocol).toBe(protocol)
    }
    const { http, sip, msrp } = config
    const opened = [...sip.listen, ...msrp.listen].map(
      ({ transport, port }: { transport: string; port: number }) => `${port}/${transport === 'udp' ? 'UDP' : 'TCP'}`,
    )
    const ports = container(engine).ports as { containerPort: number; protocol: string }[]
    expect(ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`).sort()).toEqual(
      [`${http.port}/TCP`, ...opened].sort(),
    )
    const { startupProbe, readinessProbe, livenessProbe } = container(engine)
    expect([startupProbe, readinessProbe].map(({ httpGet }) => httpGet.path)).toEqual([
      '/health/ready',
      '/health/ready',
    ])
    expect(livenessProbe.httpGet.path).toBe('/health/live')
  })

  test('policies let in what is listened at, and the store only the engine', () => {
    const names = container(engine).ports.map(({ name }: { name: string }) => name)
    const { ingress } = one('NetworkPolicy', 'ringdown').spec
    const let_in = ingress.flatMap(({ ports }: { ports: { port: string }[] }) => ports.map(({ port }) => port))
    expect(let_in.sort()).toEqual(names.sort())
    const store = one('NetworkPolicy', 'valkey').spec.ingress
    expect(store.map(({ from }: { from: unknown }) => from)).toEqual([[{ podSelector: engine.spec.selector }]])
    const { hostname, port } = new URL(config.store.redis.url)
    expect(one('Service', hostname).spec.ports[0].port).toBe(Number(port))
  })

  test('volumes are mounted, and what they hold is generated, every secret the configuration reads among it', () => {
    const { configMapGenerator, secretGenerator } = kustomization('overlays/lab')
    const generated = [...kustomization('base').configMapGenerator, ...configMapGenerator, ...secretGenerator] as {
      name: string
      files: string[]
    }[]
    const namesOf = (name: string) =>
      generated.find((one) => one.name === name)?.files.map((file) => file.replace(/=.*$/, '').replace(/.*[/]/, ''))
    for (const set of sets) {
      const { volumes } = set.spec.template.spec
      const claims = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }: Thing) => metadata.name)
      const mounted = container(set).volumeMounts as { name: string; mountPath: string; subPath?: string }[]
      expect(mounted.map(({ name }) => name).sort()).toEqual(
        [...volumes.map(({ name }: { name: string }) => name), ...claims].sort(),
      )
      for (const { name, configMap, secret } of volumes) {
        const files = namesOf(configMap?.name ?? secret.secretName)
        expect([name, files]).not.toEqual([name, undefined])
        const { subPath } = mounted.find((mount) => mount.name === name) ?? {}
        if (subPath) expect(files).toContain(subPath)
      }
    }
    const text = readFileSync(join(kubernetes, 'base/ringdown.yaml'), 'utf8')
    const read = [...text.matchAll(/[/]run[/]secrets[/]ringdown[/]([\w-]+)/g)].map(([, name]) => name)
    const environment = container(engine).env as { name: string; value?: string }[]
    const byVariable = environment.flatMap(({ value }) => value?.split('/run/secrets/ringdown/')[1] ?? [])
    expect([...read, ...byVariable].sort()).toEqual(namesOf('ringdown-secrets')?.sort())
    for (const [, variable = ''] of text.matchAll(/\$\{(\w+)\}/g))
      expect(environment.map(({ name }) => name.replace(/_FILE$/, ''))).toContain(variable)
  })

  test('the component for Prometheus asks nodes one by one, with the token', () => {
    const [monitor] = thingsIn('components/service-monitor').filter(({ kind }) => kind === 'ServiceMonitor')
    const { selector, endpoints } = (monitor as Thing).spec
    const services = base.filter(({ kind, metadata }) => {
      const labels = metadata.labels ?? {}
      return kind === 'Service' && Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value)
    })
    expect(services.map(({ metadata }) => metadata.name)).toEqual(['ringdown-nodes'])
    expect(services[0]?.spec.ports.map(({ name }: { name: string }) => name)).toContain(endpoints[0].port)
    expect(config.monitoring.token.file).toBe(`/run/secrets/ringdown/${endpoints[0].authorization.credentials.key}`)
  })
})

describe('[DE-14] pods', () => {
  test.each(sets.map((set) => ({ name: set.metadata.name, set })))('$name meets the restricted standard', ({ set }) => {
    const { securityContext, automountServiceAccountToken } = set.spec.template.spec
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    expect(securityContext.runAsUser).toBeGreaterThan(10_000)
    expect(automountServiceAccountToken).toBe(false)
    expect(container(set).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(container(set).resources).toMatchObject({
      requests: { cpu: expect.anything() },
      limits: { memory: expect.anything() },
    })
  })

  test('the engine runs as the user of its image, an image pinned by version', () => {
    const [, final = []] = stagesOf(dockerfile)
    const { runAsUser, runAsGroup } = engine.spec.template.spec.securityContext
    expect(`${runAsUser}:${runAsGroup}`).toBe(only(final, 'USER'))
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(kustomization('base').images).toEqual([
      { name: container(engine).image, newName: 'registry.example/ringdown', newTag: version },
    ])
    expect(container(one('StatefulSet', 'valkey')).image).toMatch(/:\d+[.]\d+[.]\d+-alpine$/)
  })

  test('there is longer to end than the drain takes, with what goes before it', () => {
    const { terminationGracePeriodSeconds } = engine.spec.template.spec
    const { preStop } = container(engine).lifecycle
    const { noticeMs, finishMs } = config.drain
    expect(terminationGracePeriodSeconds * 1000).toBeGreaterThanOrEqual(
      preStop.sleep.seconds * 1000 + noticeMs + finishMs + 5_000,
    )
  })

  test('the configuration is good with the secrets of the script, which are not in the repository', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringdown-kubernetes-'))
    try {
      await run('sh', [join(deploy, 'compose/secrets.sh'), join(folder, 'secrets')])
      const file = join(folder, 'ringdown.yaml')
      const text = readFileSync(join(kubernetes, 'base/ringdown.yaml'), 'utf8')
      writeFileSync(file, text.replaceAll('/run/secrets/ringdown', join(folder, 'secrets')))
      const env = {
        ...process.env,
        RINGDOWN_NODE: 'ringdown-0',
        RINGDOWN_ADDRESS: '10.1.2.3',
        PHONE_PASSWORD_FILE: join(folder, 'secrets/phone-password'),
      }
      const main = join(root, 'packages/server/src/main.ts')
      expect((await run(process.execPath, [main, 'check-config', file], { env })).stdout).toContain('is good')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    const { stdout } = await run('git', ['ls-files', 'deploy'], { cwd: root })
    expect(stdout.split('\n').filter((path) => path.includes('/secrets/'))).toEqual([])
  })
})
