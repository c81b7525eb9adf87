import { type Centre, createApp, hashPassword } from '@ringdown/facade'
import { buildDirectory, createTServer, type DirectoryObjects, type SessionStore } from '@ringdown/signalling'
import { ManualClock, memoryStore, seededIds } from '@ringdown/signalling/testing'
import type { InjectOptions } from 'fastify'
import { openCentreDirectory } from '../centre-directory.ts'
import type { Config } from '../config/load-config.ts'
import { Secret } from '../config/secret.ts'
import { createHealth } from '../health.ts'
import { createLab } from '../lab/lab.ts'
import { openLoadRuns } from '../load-run/open-load-runs.ts'
import { createLog } from '../log.ts'
import { createMetrics } from '../metrics.ts'
import { addMonitoring } from '../monitoring.ts'
import { createTrace } from '../trace/trace.ts'

export interface AccessSiteSetUp {
  centres: readonly DirectoryObjects[]
  /** The folder of the desktop's files. */
  desktop?: string
  /** Of `/metrics`. */
  token?: string
}

/** A route as the framework knows it. */
export interface SiteRoute {
  method: string
  url: string
}

export interface SiteRequest {
  method?: string
  url: string
  headers?: Readonly<Record<string, string>>
  payload?: string | object
  remoteAddress?: string
}

export interface SiteAnswer {
  statusCode: number
  body: string
  headers: Readonly<Record<string, unknown>>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into JSON of every shape
  json(): any
}

export interface AccessSite {
  clock: ManualClock
  centres: readonly Centre[]
  routes: readonly SiteRoute[]
  inject(request: SiteRequest): Promise<SiteAnswer>
  /** All that is stored of a contact centre but who is logged in over HTTP and what is only counted, as text to compare. */
  image(centre: string): string
  /** Names of what the store of a contact centre was asked for since the last time. */
  takeAsked(centre: string): readonly string[]
  close(): Promise<void>
}

/**
 * One node with several contact centres as the composition root makes it, in memory and with a clock that stands: every route is there,
 * and the test sees all that is stored and which store was asked.
 */
export async function accessSite({ centres: given, desktop, token }: AccessSiteSetUp): Promise<AccessSite> {
  const clock = new ManualClock()
  const log = createLog('silent', 'n1')
  const routes: SiteRoute[] = []
  const memories = new Map(
    given.map(({ id }) => [id, memoryStore({ epoch: `epoch-${id}`, feedLimit: 10_000, clock })] as const),
  )
  const asked = new Map<string, string[]>(given.map(({ id }) => [id, []]))
  const stores = new Map<string, SessionStore>(
    [...memories].map(([id, store]) => [id, counted(store, asked.get(id) ?? [])]),
  )
  const trace = createTrace({
    ...{ node: 'n1', clock, stores, bytes: 1_048_576 },
    now: () => clock.now(),
    pause: async () => undefined,
    onError: () => undefined,
  })
  const centres = await Promise.all(
    given.map(async (objects, i): Promise<Centre> => {
      const built = buildDirectory(objects)
      if ('problems' in built) throw new Error(built.problems.map(({ message }) => message).join('\n'))
      const store = stores.get(objects.id)
      if (!store) throw new Error('no store')
      const directory = await openCentreDirectory(objects, store, log)
      const tserver = createTServer({
        store: trace.wrapStore(objects.id, store),
        directory: directory.now,
        clock,
        ids: seededIds(7 + i),
        node: 'n1',
      })
      tserver.start()
      return { id: objects.id, directory: directory.now, store, tserver }
    }),
  )
  const metrics = createMetrics({ sessions: new Map() })
  const health = createHealth([...stores.values()])
  health.started()
  const loadRuns = openLoadRuns({
    config: { http: { requestsPerMinute: 0 } } as Config,
    ...{ node: 'n1', centres, clock, log },
    address: () => 'http://127.0.0.1:9',
  })
  const lab = createLab({
    ...{ node: 'n1', version: '0', clock, log, stores, metrics, loadRuns, trace: trace.reader },
    legs: () => 0,
    flows: undefined,
    lockOuts: { list: () => [], lift: async () => false },
  })
  await lab.start()
  const app = await createApp({
    ...{ centres, clock, node: 'n1', log, lab, meter: metrics.meter, tracer: trace.tracer },
    reload: async () => ({ applied: true, problems: [], restart: [] }),
    ...(desktop !== undefined && { desktop }),
    // What is asked here are thousands of wrong passwords, and each of them is to be answered.
    options: {
      login: {
        ...{ csrf: false, sameSite: 'lax', secureCookie: false, sessionIdleMs: 1_800_000 },
        attempts: { perUserAndAddress: 1e9, perUser: 1e9, perAddress: 1e9, windowMs: 1_000 },
        ...{ checksAtOnce: 2, checksWaiting: 1_000, requestsPerMinute: 0 },
      },
    },
    extend: (all) => {
      all.addHook('onRoute', ({ method, url }) => {
        for (const one of [method].flat()) routes.push({ method: one, url })
      })
      addMonitoring(all, { health, metrics, token: token === undefined ? undefined : new Secret(token) })
    },
  })
  await app.ready()
  return {
    clock,
    centres,
    routes,
    inject: (request) => app.inject(request as InjectOptions),
    image: (id) => memories.get(id)?.image(['httpSession', 'attempts', 'node']) ?? '',
    takeAsked: (id) => asked.get(id)?.splice(0) ?? [],
    async close() {
      await lab.close()
      await app.close()
      trace.close()
      await Promise.all(centres.map(({ tserver }) => tserver.stop()))
    },
  }
}

/** The least cost: nothing is secret here, and a test asks thousands of times. */
export const cheapHash = (password: string): Promise<string> => hashPassword(password, { ln: 1, r: 1, p: 1 })

/** The same store, with the names of its methods noted as they are called. */
function counted(store: SessionStore, calls: string[]): SessionStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...given: unknown[]) => {
        calls.push(String(name))
        return value.apply(target, given)
      }
    },
  })
}
