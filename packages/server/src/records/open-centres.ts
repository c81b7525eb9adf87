import { existsSync } from 'node:fs'
import { applyStored, type DirectoryObjects, type SessionStore, TServerError } from '@ringdown/signalling'
import { CommandError, type Io, UsageError } from '../cli/io.ts'
import { configFile, readConfig, readDemoConfig } from '../cli/read-config.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/load-config.ts'
import { createLog } from '../log.ts'
import { closeStores, defaultDirectory, openStores, StoreUnusable } from '../open-stores.ts'
import { outboxStore } from '../webhooks/outbox.ts'
import { wantedBy, webhookOf } from '../webhooks/webhook.ts'
import { type People, peopleOf } from './people.ts'

/** A contact centre whose records a command works on. */
export interface OpenCentre {
  id: string
  store: SessionStore
  /** Of the file, before what was changed through the API. */
  file: DirectoryObjects
  people: People
}

/** The configuration a command on the stores is about; that of a demo run where there is no file. Throws CommandError. */
export function recordsConfig(asked: string | undefined, io: Io): Config {
  const file = configFile(asked, io)
  if (file === undefined && !existsSync(defaultDirectory))
    throw new CommandError('there is no ringdown.yaml here, and no demo has run: name a file with --config')
  return (file === undefined ? readDemoConfig({}) : readConfig(file, io)).config
}

/** The configured contact centres, or the one that is asked for. Throws UsageError for one that is not there. */
export function centresOf(config: Config, asked: string | undefined): Config['contactCentres'] {
  const found = config.contactCentres.filter(({ objects }) => asked === undefined || objects.id === asked)
  if (found.length > 0) return found
  const known = config.contactCentres.map(({ objects }) => objects.id).join(', ')
  throw new UsageError(`there is no contact centre '${asked}'; there are: ${known}`)
}

/**
 * Works on the stores of contact centres, in the order of the configuration. Rejects with CommandError where a store cannot be opened, or
 * does not answer.
 */
export async function withCentres<T>(
  config: Config,
  asked: string | undefined,
  work: (centres: readonly OpenCentre[]) => Promise<T>,
): Promise<T> {
  const contactCentres = centresOf(config, asked)
  try {
    const stores = await openStores({
      config: { ...config, contactCentres },
      node: 'cli',
      clock: systemClock,
      log: createLog('silent', 'cli'),
    })
    try {
      const centres: OpenCentre[] = []
      for (const { objects: file, webhooks } of contactCentres) {
        const bare = stores.get(file.id) as SessionStore
        const wanted = wantedBy(webhooks.map(webhookOf), config.store.webhookLimit)
        // Webhooks are told of what a command does too: it may end a session.
        const store = outboxStore(bare, () => wanted)
        const { objects } = await store.readObjects()
        centres.push({ id: file.id, store, file, people: peopleOf(applyStored(file, objects)) })
      }
      return await work(centres)
    } finally {
      await closeStores(stores)
    }
  } catch (error) {
    if (error instanceof TServerError)
      throw new CommandError(`the store does not answer: ${error.message}`, { cause: error })
    if (error instanceof StoreUnusable) throw new CommandError(error.message, { cause: error })
    throw error
  }
}
