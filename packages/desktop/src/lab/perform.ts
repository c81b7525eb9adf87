import { RequestRefused, type WebServices } from '@ringdown/client'
import type { Failure } from '../model/problem.ts'
import type {
  Annex,
  ConfiguredDN,
  Counts,
  LabNode,
  LabSession,
  Ladder,
  ListName,
  ListPage,
  Lists,
  LoadRun,
  Sample,
  TraceState,
} from './contract.ts'
import { sameAnnex } from './model/annex.ts'
import type { LabEffect, LabInput } from './model/lab.ts'
import { pieceSize } from './model/listing.ts'

export interface LabPerformDeps {
  ask: WebServices['ask']
  /** Sets the address in the browser; `step`: one can go back from there. */
  showPath: (path: string, step: boolean) => void
  /** The login has ended. */
  expired: () => void
  send: (input: LabInput) => void
}

/** Carries out what the console's model asks for; whatever comes of it is the next input. */
export function labPerformer({ ask, showPath, expired, send }: LabPerformDeps): (effect: LabEffect) => void {
  return (effect) => {
    switch (effect.effect) {
      case 'showPath':
        return showPath(effect.path, effect.step)
      case 'expired':
        return expired()
      default:
        request(ask, effect).then(send, (error: unknown) =>
          send({ input: 'failed', effect, failure: failureOf(error) }),
        )
    }
  }
}

type Request = Exclude<LabEffect, { effect: 'showPath' | 'expired' }>

async function request(ask: WebServices['ask'], effect: Request): Promise<LabInput> {
  const get = <T extends object>(path: string) => ask<T>('GET', path)
  switch (effect.effect) {
    case 'readList': {
      const { list, after, search } = effect
      return { input: 'listRead', list, after, search, page: await listPage(ask, list, after, search) }
    }
    case 'readNodes':
      return { input: 'nodesRead', nodes: (await get<{ nodes: LabNode[] }>('/lab/nodes')).nodes }
    case 'readTrace':
      return { input: 'traceRead', trace: await get<TraceState>('/lab/trace') }
    case 'readHistory': {
      const { samples } = await get<{ samples: Sample[] }>(`/lab/history?after=${Math.trunc(effect.after)}`)
      return { input: 'historyRead', samples }
    }
    case 'readLoadRuns':
      return { input: 'loadRunsRead', loadRuns: (await get<{ loadRuns: LoadRun[] }>('/lab/load-runs')).loadRuns }
    case 'readSession': {
      const { sessions } = await get<{ sessions: LabSession[] }>(`/lab/sessions?id=${encodeURIComponent(effect.id)}`)
      const [session] = sessions
      if (!session) throw new RequestRefused(404, { statusCode: 6, statusMessage: `There is no session ${effect.id}` })
      return { input: 'sessionRead', session }
    }
    case 'readLadder': {
      const { id, texts } = effect
      const path = `/lab/sessions/${encodeURIComponent(id)}/ladder${texts ? '?texts=show' : ''}`
      return { input: 'ladderRead', id, texts, ladder: (await get<{ ladder: Ladder }>(path)).ladder }
    }
    case 'readAnnex':
      return { input: 'annexRead', number: effect.number, dn: await configured(ask, effect.number) }
    case 'saveAnnex':
      return { input: 'annexSaved', number: effect.number, annex: await saved(ask, effect) }
    case 'startRun':
      await ask('POST', '/lab/load-runs', { ...effect.wanted })
      return { input: 'done', effect }
    case 'stopRun':
      await ask('DELETE', `/lab/load-runs/${encodeURIComponent(effect.id)}`)
      return { input: 'done', effect }
  }
}

/** The key of a list in its answer, where it is not the list's name. */
const keys: Partial<Record<ListName, string>> = { audit: 'entries' }

async function listPage(
  ask: WebServices['ask'],
  list: ListName,
  after: string | null,
  search: string,
): Promise<ListPage<Lists[ListName]>> {
  const query = new URLSearchParams({ limit: String(pieceSize) })
  if (after !== null) query.set('after', after)
  if (search !== '') query.set('q', search)
  const answer = await ask<Readonly<Record<string, unknown>>>('GET', `/lab/${list}?${query}`)
  const { counts, next } = answer as { counts?: Counts; next?: string }
  const items = answer[keys[list] ?? list] as readonly Lists[ListName][]
  return {
    items,
    next: next ?? null,
    total: counts ? counts.dialing + counts.talking : null,
    ...(counts && { counts }),
  }
}

async function configured(ask: WebServices['ask'], number: string): Promise<ConfiguredDN> {
  const path = `/platform/configuration/dns?number=${encodeURIComponent(JSON.stringify(number))}`
  const { dns } = await ask<{ dns: ConfiguredDN[] }>('GET', path)
  const [dn] = dns
  if (!dn) throw new RequestRefused(404, { statusCode: 6, statusMessage: `There is no DN ${number}` })
  return dn
}

/** An Annex is replaced as a whole, so it is looked at first: what somebody else has changed meanwhile is not undone. SPEC DT-46. */
async function saved(ask: WebServices['ask'], effect: Request & { effect: 'saveAnnex' }): Promise<Annex> {
  const { number, dbid, before, annex } = effect
  const { userProperties = {} } = await configured(ask, number)
  if (!sameAnnex(userProperties, before))
    throw new RequestRefused(409, { statusCode: 2, statusMessage: `DN ${number} has changed` })
  await ask('PUT', `/platform/configuration/dns/${dbid}`, { userProperties: annex })
  const { userProperties: after = {} } = await configured(ask, number)
  return after
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof RequestRefused)) return { failure: 'noAnswer' }
  const { statusCode, httpStatus, message } = error
  return { failure: 'refused', statusCode, httpStatus, message }
}
