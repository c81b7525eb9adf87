import type { Directory, Person, SessionStore, TServer } from '@ringdown/signalling'

/** One contact centre as the facades see it. */
export interface Centre {
  readonly id: string
  /** The configuration now; a reload replaces it. */
  directory(): Directory
  readonly store: SessionStore
  readonly tserver: TServer
}

/** An HTTP session: lives in the store, so any node serves its cookie. */
export interface HttpSession {
  id: string
  csrfToken: string
}

/** Somebody who is known by whatever a facade asks for. */
export type Who = Pick<Login, 'centre' | 'person'>

/** Who a request comes from. Clients that keep no cookie share one session for each person and address. */
export interface Login {
  centre: Centre
  person: Person
  session: HttpSession
}
