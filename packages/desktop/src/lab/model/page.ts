import { type EntryKind, entryKinds, type ListName } from '../contract.ts'

/** Which page of the console is shown; its address holds all of it, so that a link leads back to the same sight. */
export type LabPage =
  | { page: Exclude<ListName, 'agents' | 'dns'> | 'nodes' | 'charts' | 'load' }
  | { page: 'agents'; search: string }
  /** `dn`: the one whose Annex is open. */
  | { page: 'dns'; search: string; dn: string | null }
  | LadderPage

export interface LadderPage {
  page: 'ladder'
  id: string
  /** The kinds that are shown; null: all. */
  kinds: readonly EntryKind[] | null
  search: string
  /** The entry whose content is shown. */
  entry: string | null
}

/** The pages one can turn to, in the order of the navigation. */
export const mainPages = [
  'sessions',
  'agents',
  'dns',
  'registrations',
  'flows',
  'nodes',
  'charts',
  'load',
  'audit',
] as const
export type MainPage = (typeof mainPages)[number]

const root = '/lab'

/** The page of an address; the list of sessions where there is none such. */
export function readPage(pathname: string, query: string): LabPage {
  const [name = '', id] = pathname.slice(root.length).split('/').slice(1)
  const parameters = new URLSearchParams(query)
  const search = parameters.get('q') ?? ''
  if (name === 'sessions' && id !== undefined && id !== '') return ladderPage(decoded(id), parameters)
  const main = mainPages.find((one) => one === name)
  switch (main) {
    case undefined:
      return { page: 'sessions' }
    case 'agents':
      return { page: main, search }
    case 'dns':
      return { page: main, search, dn: parameters.get('dn') }
    default:
      return { page: main }
  }
}

function ladderPage(id: string, parameters: URLSearchParams): LadderPage {
  const named = parameters.get('kinds')?.split(',')
  const kinds = named ? entryKinds.filter((kind) => named.includes(kind)) : null
  return { page: 'ladder', id, kinds, search: parameters.get('q') ?? '', entry: parameters.get('entry') }
}

// What is not encoded as it should be is taken as it stands: the server knows no such session then, and says so.
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The address of a page. */
export function pathOf(page: LabPage): string {
  switch (page.page) {
    case 'sessions':
      return root
    case 'agents':
      return withQuery(`${root}/agents`, { q: page.search })
    case 'dns':
      return withQuery(`${root}/dns`, { q: page.search, dn: page.dn })
    case 'ladder': {
      const { id, kinds, search, entry } = page
      return withQuery(`${root}/sessions/${encodeURIComponent(id)}`, {
        kinds: kinds?.join(',') ?? null,
        q: search,
        entry,
      })
    }
    default:
      return `${root}/${page.page}`
  }
}

function withQuery(path: string, values: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values))
    if (value !== null && (value !== '' || name === 'kinds')) query.set(name, value)
  return query.size > 0 ? `${path}?${query}` : path
}

/** The page behind an entry of the navigation. */
export function mainPage(page: MainPage): LabPage {
  switch (page) {
    case 'agents':
      return { page, search: '' }
    case 'dns':
      return { page, search: '', dn: null }
    default:
      return { page }
  }
}

/** Which entry of the navigation a page belongs to. */
export function entryOf({ page }: LabPage): MainPage {
  return page === 'ladder' ? 'sessions' : page
}

/** The list a page shows. */
export function listOf({ page }: LabPage): ListName | undefined {
  switch (page) {
    case 'nodes':
    case 'charts':
    case 'load':
    case 'ladder':
      return undefined
    default:
      return page
  }
}
