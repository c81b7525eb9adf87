import { Events, type EventsOptions } from '../events.ts'
import { newID } from '../new-id.ts'
import { type Fetch, WebServices } from '../web-services.ts'
import type { AgentClientOptions } from './agent-client.ts'
import { type Clock, machineClock } from './clock.ts'

/** The stream of notifications. */
export type Listening = Pick<Events, 'start' | 'stop'>

/** What an agent's client asks of the world. */
export interface Ports {
  services: Pick<
    WebServices,
    | 'whoAmI'
    | 'startSession'
    | 'endSession'
    | 'sessions'
    | 'session'
    | 'endedSessions'
    | 'transcript'
    | 'initiate'
    | 'send'
    | 'accept'
    | 'reject'
    | 'complete'
    | 'attachUserData'
    | 'updateUserData'
    | 'deleteUserData'
    | 'composing'
    | 'displayed'
  >
  listen(listeners: Required<Pick<EventsOptions, 'onNotification' | 'onState'>>): Listening
  clock: Clock
  newID(): string
}

/** The real ones. */
export function portsOf({ address, userName, password, transports }: AgentClientOptions): Ports {
  const login = { ...(userName !== undefined && { userName }), ...(password !== undefined && { password }) }
  const services = new WebServices({ address, ...login, fetch: globalThis.fetch.bind(globalThis) as Fetch })
  return {
    services,
    listen: (listeners) =>
      new Events({
        address,
        // As they are now: the login's cookie is among them, where no browser keeps it.
        headers: services.headers(),
        ...(transports && { transports }),
        maxBackoff: 3_000,
        ...listeners,
      }),
    clock: machineClock,
    newID,
  }
}
