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
  /** At least 0, less than 1. */
  random(): number
  newID(): string
}

/** The real ones. Throws where the address is none. */
export function portsOf({ userName, password, transports, ...options }: AgentClientOptions): Ports {
  const address = addressOf(options.address)
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
        // Clients that a restart has thrown out together come back one by one.
        backoffIncrement: 100 + Math.round(100 * Math.random()),
        maxBackoff: 3_000,
        ...listeners,
      }),
    clock: machineClock,
    random: Math.random,
    newID,
  }
}

/** The address without a slash behind it. */
function addressOf(address: string): string {
  const bare = address.replace(/\/+$/, '')
  const isGood = URL.canParse(bare) && /^https?:$/.test(new URL(bare).protocol) && !bare.endsWith('/api/v2')
  if (!isGood)
    throw new TypeError(`the address is like https://im.example, without /api/v2; not ${JSON.stringify(address)}`)
  return bare
}
