import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '@ringdown/signalling'
import type { FastifyPluginAsync } from 'fastify'
import { noTracer, type Tracer } from '../lab/tracer.ts'
import type { Logins } from '../login/logins.ts'
import { notificationSerialiser } from '../web-services/notification.ts'
import { Doorkeeper } from './doorkeeper.ts'
import { type CometdMeter, Hub } from './hub.ts'
import { type LongPollingDeps, longPolling } from './long-polling.ts'
import { type CometdOptions, defaultCometdOptions } from './options.ts'
import { WebSockets } from './websocket.ts'

export interface CometdDeps {
  logins: Logins
  clock: Clock
  /** This node's name; no two nodes of one store have the same. */
  node: string
  options?: Partial<CometdOptions>
  meter?: CometdMeter | undefined
  tracer?: Tracer | undefined
  /** As Web Services sees it, so that links in events and in answers are the same. */
  apiRoot: LongPollingDeps['apiRoot']
  /** The same for a websocket, which no framework's request belongs to. */
  socketApiRoot: (scheme: 'http' | 'https', host: string) => string
}

/** The Bayeux server of one node. */
export interface Cometd {
  /** The routes for long-polling and callback-polling. */
  plugin: FastifyPluginAsync
  /** For the HTTP server's `upgrade`: whether the request is ours; then the socket is taken over. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Sends all clients on to another node and lets go of the stores. */
  close(): Promise<void>
  stats(): { clients: number; queuedBytes: number }
}

const silentMeter: CometdMeter = {
  clients: () => undefined,
  queuedBytes: () => undefined,
  gap: () => undefined,
  delivered: () => undefined,
}

/** Makes the Bayeux server of one node; its parts meet here and nowhere else. */
export function createCometd(deps: CometdDeps): Cometd {
  const { logins, clock, node, apiRoot, socketApiRoot, meter = silentMeter } = deps
  const options = { ...defaultCometdOptions, ...deps.options }
  const notification = notificationSerialiser()
  const shared = interner()
  const hub = new Hub({
    clock,
    node,
    options,
    meter,
    tracer: deps.tracer ?? noTracer,
    notify: (entry, centre, root) => notification(entry, { directory: centre.directory(), apiRoot: root }),
    soon: setImmediate,
  })
  const doorkeeper = new Doorkeeper(logins, options)
  const sockets = new WebSockets({
    hub,
    doorkeeper,
    clock,
    apiRoot: (scheme, host) => shared(socketApiRoot(scheme, host)),
  })
  return {
    plugin: longPolling({ hub, doorkeeper, apiRoot: (request) => shared(apiRoot(request)) }),
    upgrade(request, socket, head) {
      if (!/^\/api\/v2\/notifications(?:[/?]|$)/.test(request.url ?? '')) return false
      void sockets.upgrade(request, socket, head)
      return true
    },
    async close() {
      await hub.close()
      sockets.close()
    },
    stats: () => ({ clients: hub.clients, queuedBytes: hub.feeds.queued }),
  }
}

/** Makes equal strings one: every session keeps the API's address, and there are few of them. */
function interner(): (text: string) => string {
  const known = new Map<string, string>()
  return (text) => {
    const same = known.get(text)
    if (same !== undefined) return same
    if (known.size >= 100) known.clear() // it is the client that chooses its Host
    known.set(text, text)
    return text
  }
}
