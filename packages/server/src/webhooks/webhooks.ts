import { isDeepStrictEqual } from 'node:util'
import type { Clock, Directory, SessionStore } from '@ringdown/signalling'
import type { Config } from '../config/load-config.ts'
import type { WebhookConfig } from '../config/webhooks-schema.ts'
import type { Log } from '../log.ts'
import { Courier } from './courier.ts'
import type { CourierState } from './courier-port.ts'
import { outboxStore, type Wanted } from './outbox.ts'
import { type Resolve, Sender } from './sender.ts'
import type { Outcome } from './settle.ts'
import { wantedBy, webhookOf } from './webhook.ts'

export interface WebhooksDeps {
  config: Config
  /** By contact centre. */
  stores: ReadonlyMap<string, SessionStore>
  directories: ReadonlyMap<string, { now(): Directory }>
  clock: Clock
  random: () => number
  resolve: Resolve
  /** This node's run, unlike that of any other, and of itself before. */
  node: string
  log: Log
}

/** What one webhook does on this node; `state` where this node delivers for it. */
export interface WebhookFigures {
  centre: string
  webhook: string
  /** Since the start. */
  counts: Readonly<Record<Outcome, number>>
  state: CourierState | undefined
}

/** The webhooks of all contact centres on one node. */
export interface Webhooks {
  /** The store that a centre's T-Server commits to. */
  wrapStore(centre: string, store: SessionStore): SessionStore
  /** Resolves when what is committed from now on reaches every webhook that is reachable. */
  start(): Promise<void>
  /** Puts the webhooks of a checked configuration in place. */
  reload(config: Config): Promise<void>
  figures(): readonly WebhookFigures[]
  close(): Promise<void>
}

interface Running {
  config: WebhookConfig
  courier: Courier
  counts: Record<Outcome, number>
}

interface CentreWebhooks {
  wanted: Wanted | undefined
  running: Map<string, Running>
}

/** Makes them; nothing is sent before `start`. */
export function createWebhooks(deps: WebhooksDeps): Webhooks {
  const { stores, directories, clock, random, resolve, node, log } = deps
  const centres = new Map<string, CentreWebhooks>(
    [...stores.keys()].map((id) => [id, { wanted: undefined, running: new Map() }]),
  )
  let closed = false
  // From the first commit on, before there is anybody to deliver.
  for (const centre of deps.config.contactCentres) want(centre.objects.id, centre.webhooks, deps.config)

  function want(id: string, webhooks: readonly WebhookConfig[], { store }: Config): void {
    const centre = centres.get(id)
    if (centre) centre.wanted = wantedBy(webhooks.map(webhookOf), store.webhookLimit)
  }

  function run(id: string, config: WebhookConfig, store: SessionStore): Running {
    const webhook = webhookOf(config)
    const counts = { delivered: 0, failed: 0, givenUp: 0, missed: 0 }
    const courier = new Courier({
      ...{ centre: id, webhook, store, clock, random, log, node },
      sender: new Sender(webhook, resolve, clock),
      directory: () => directoryOf(id),
      onOutcome: (outcome, count = 1) => {
        counts[outcome] += count
      },
    })
    return { config, courier, counts }
  }

  function directoryOf(id: string): Directory {
    const directory = directories.get(id)
    if (!directory) throw new Error(`contact centre ${id} has no directory`)
    return directory.now()
  }

  /** Rejects with the first error when everything is in place; who could not begin goes on trying. */
  async function apply(config: Config): Promise<void> {
    const errors: unknown[] = []
    for (const { objects, webhooks } of config.contactCentres) {
      const centre = centres.get(objects.id)
      const store = stores.get(objects.id)
      if (!centre || !store) continue
      want(objects.id, webhooks, config)
      for (const [name, { config: before, courier }] of centre.running) {
        if (webhooks.some((webhook) => webhook.name === name && same(webhook, before))) continue
        await courier.close()
        centre.running.delete(name)
      }
      for (const webhook of webhooks) {
        if (closed) return
        const running = centre.running.get(webhook.name)
        if (running) {
          running.courier.tryAgain()
          continue
        }
        const made = run(objects.id, webhook, store)
        centre.running.set(webhook.name, made)
        await made.courier.start().catch((error: unknown) => errors.push(error))
      }
    }
    if (errors.length > 0) throw errors[0]
  }

  return {
    wrapStore: (centre, store) => outboxStore(store, () => centres.get(centre)?.wanted),
    start: () => apply(deps.config),
    reload: (config) =>
      apply(config).catch((err: unknown) => {
        log.warn({ err }, 'not all webhooks could begin; they go on trying')
      }),
    figures: () =>
      [...centres].flatMap(([centre, { running }]) =>
        [...running].map(([webhook, { courier, counts }]) => ({ centre, webhook, counts, state: courier.state() })),
      ),
    close: async () => {
      closed = true
      const all = [...centres.values()].flatMap(({ running }) => [...running.values()])
      await Promise.all(all.map(({ courier }) => courier.close()))
    },
  }
}

/** Secrets compare by what they hold. */
function same(a: WebhookConfig, b: WebhookConfig): boolean {
  const plain = ({ secret, previousSecret, ...rest }: WebhookConfig) => [
    secret.reveal(),
    previousSecret?.reveal(),
    rest,
  ]
  return isDeepStrictEqual(plain(a), plain(b))
}
