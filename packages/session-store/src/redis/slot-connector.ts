import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import tls from 'node:tls'
import { AbstractConnector, Redis, type RedisOptions } from 'ioredis'

export interface Address {
  host: string
  port: number
}
/** Options of ioredis without the one that changes the types of its replies. */
export type ClientOptions = Omit<RedisOptions, 'replyMapping'>
type Connector = NonNullable<RedisOptions['Connector']>

/**
 * Connects to the cluster node that serves the slot of a key, found anew at each connect. All of a contact centre lies in one
 * slot, so one plain connection does what a cluster client would, with one behaviour in trouble for all kinds of Redis.
 */
export function slotConnector(seeds: readonly Address[], key: string, options: ClientOptions): Connector {
  let known: readonly Address[] = []

  async function findOwner(): Promise<Address> {
    let failure: unknown
    for (const node of [...known, ...seeds]) {
      try {
        const { owner, masters } = await askNode(node, key, options)
        known = masters
        return owner
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  return class SlotConnector extends AbstractConnector {
    constructor() {
      super(options.disconnectTimeout ?? 100)
    }

    async connect(emit: (type: string, error: Error) => void): Promise<net.Socket> {
      this.connecting = true
      while (this.connecting) {
        try {
          const owner = await findOwner()
          if (!this.connecting) break
          const socket = options.tls ? tls.connect({ ...owner, ...options.tls }) : net.connect({ ...owner })
          socket.once('error', (error) => {
            this.firstError = error
          })
          this.stream = socket
          return socket
        } catch (error) {
          emit('error', error instanceof Error ? error : new Error(String(error)))
          // The cluster may be electing a master.
          await delay(100)
        }
      }
      throw new Error('Connection is closed.')
    }
  }
}

async function askNode(node: Address, key: string, options: ClientOptions) {
  const client = new Redis({ ...options, ...node, lazyConnect: true, connectTimeout: 500, retryStrategy: null })
  let failure: unknown
  // The reason the connection failed arrives as an event; the rejection only says that it is closed.
  client.on('error', (error) => {
    failure ??= error
  })
  const stop = setTimeout(() => client.disconnect(), 1000)
  try {
    await client.connect()
    const [slot, ranges] = await Promise.all([client.cluster('KEYSLOT', key), client.cluster('SLOTS')])
    // Each range names its master first. An empty host means, the one you asked.
    const masters = ranges.flatMap(([from, to, master]) =>
      master ? [{ from, to, host: master[0] || node.host, port: master[1] }] : [],
    )
    const owner = masters.find(({ from, to }) => from <= slot && slot <= to)
    if (!owner) throw new Error(`no cluster node serves slot ${slot}`)
    return { owner: address(owner), masters: masters.map(address) }
  } catch (error) {
    throw failure ?? error
  } finally {
    clearTimeout(stop)
    client.disconnect()
  }
}

function address({ host, port }: Address): Address {
  return { host, port }
}
