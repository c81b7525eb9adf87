import { existsSync } from 'node:fs'
import { type Call, type SessionStore, TServerError } from '@ringdown/signalling'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/load-config.ts'
import { createLog } from '../log.ts'
import { closeStores, defaultDirectory, openStores, StoreUnusable } from '../open-stores.ts'
import { type Command, configOption } from './command.ts'
import { CommandError, type Io } from './io.ts'
import { configFile, readConfig, readDemoConfig } from './read-config.ts'

const pageSize = 200

export const sessionsCommand: Command = {
  name: 'sessions',
  what: 'list living sessions',
  options: configOption,
  run: (line, io) => sessions(line.config(), io),
}

/** Lists living sessions, oldest first, as the store has them now: who with whom, since when; never what they say. */
async function sessions(asked: string | undefined, io: Io): Promise<number> {
  const file = configFile(asked, io)
  if (file === undefined && !existsSync(defaultDirectory))
    throw new CommandError('there is no ringdown.yaml here, and no demo has run: name a file with --config')
  const { config } = file === undefined ? readDemoConfig({}) : readConfig(file, io)
  try {
    const lines = await living(config)
    if (lines.length === 0) io.out('no living sessions')
    else for (const line of table([['CENTRE', 'SESSION', 'SINCE', 'STATE', 'PARTIES'], ...lines])) io.out(line)
    return 0
  } catch (error) {
    if (error instanceof TServerError || error instanceof StoreUnusable)
      throw new CommandError(error.message, { cause: error })
    throw error
  }
}

async function living(config: Config): Promise<string[][]> {
  const stores = await openStores({ config, node: 'cli', clock: systemClock, log: createLog('silent', 'cli') })
  try {
    const lines: string[][] = []
    for (const [centre, store] of stores) {
      for await (const call of livingCalls(store)) lines.push(row(centre, call))
    }
    return lines
  } finally {
    await closeStores(stores)
  }
}

async function* livingCalls(store: SessionStore): AsyncGenerator<Call> {
  let after: string | undefined
  do {
    const page = await store.listCalls(after, pageSize)
    yield* page.calls
    after = page.next
  } while (after !== undefined)
}

function row(centre: string, { callUUID, created, parties }: Call): string[] {
  const states = parties.map(({ state }) => state)
  const state = states.every((s) => s === 'connected') ? 'talking' : 'dialing'
  return [centre, callUUID, new Date(created).toISOString(), state, parties.map(({ dn }) => dn).join(' - ')]
}

/** Lines with columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const cells of rows) {
    cells.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length)
    })
  }
  return rows.map((cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
