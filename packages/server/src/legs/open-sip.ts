import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createMsrpStack, type MsrpStack } from '@ringdown/msrp'
import { type Clock, createSipStack, createTransports, type FlowUser, type Transports } from '@ringdown/signalling'
import type { Config } from '../config/load-config.ts'
import type { Log } from '../log.ts'
import type { OpenSip } from './sip-endpoint.ts'

interface Parts {
  config: Config
  clock: Clock
  log: Log
}

type Listener = Config['sip' | 'msrp']['listen'][number]

/** A stack that is not open yet. */
export interface SipOpener {
  open: OpenSip
  /** Addresses of a SIP URI, RFC 3263; none before the stack is open. */
  resolve: (uri: string) => Promise<readonly { readonly address: string }[]>
}

/** How SIP is opened as the configuration says; undefined where it is off. */
export function sipOpener({ config, clock, log }: Parts): SipOpener | undefined {
  const { listen, reusePort } = config.sip
  if (listen.length === 0) return undefined
  let transports: Transports | undefined
  const openTransports = async (user: FlowUser) => {
    transports = await createTransports({
      listen: listen.map((listener) => ({ ...addressOf(listener), transport: listener.transport, reusePort })),
      user,
      clock,
      onDrop: (reason, transport, remote) => log.debug({ reason, transport, remote: remote?.address }, 'SIP dropped'),
      onError: (err) => log.error({ err }, 'a SIP transport failed'),
    })
    return transports
  }
  return {
    open: (user) =>
      createSipStack({
        transports: openTransports,
        clock,
        tokens,
        random: Math.random,
        user,
        userAgent: 'Ringdown',
        onError: (err) => log.error({ err }, 'the SIP stack failed'),
      }),
    resolve: async (uri) => (await transports?.resolve(uri)) ?? [],
  }
}

/** MSRP as the configuration says; undefined where it is off. */
export async function openMsrp({ config, clock, log }: Parts): Promise<MsrpStack | undefined> {
  const { listen } = config.msrp
  if (listen.length === 0) return undefined
  return createMsrpStack({
    listen: listen.map((listener) => ({ ...addressOf(listener), transport: listener.transport })),
    clock,
    onDrop: (drop) => log.debug({ drop }, 'MSRP dropped'),
  })
}

function addressOf({ host, port, advertiseHost, advertisePort, certFile, keyFile, path }: Listener) {
  return {
    address: host,
    port,
    ...(path !== undefined && { path }),
    ...(advertiseHost !== undefined && {
      advertise: { host: advertiseHost, ...(advertisePort !== undefined && { port: advertisePort }) },
    }),
    ...(certFile !== undefined &&
      keyFile !== undefined && {
        tls: { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') },
      }),
  }
}

/** Letters and digits out of so many bits of chance at least. */
function tokens(bits: number): string {
  return randomBytes(Math.ceil(bits / 8)).toString('hex')
}
