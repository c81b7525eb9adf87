import { buildDirectory, contactsOf, isTrunk, type SipAnswer, type SipPort, type SipUser } from '@ringdown/signalling'
import { sipOpener } from '../legs/open-sip.ts'
import { createLog } from '../log.ts'
import type { Check, Context } from './check.ts'
import type { Finding } from './finding.ts'
import { codeOf } from './system.ts'

/** So long a trunk may take for its answer: by then a lost request has been sent three times (RFC 3261 §17.1.2.2). */
const deadlineMs = 4_000
/** Addresses that are asked at most: what is wrong with more of them is told by `oos-check`. */
const most = 64

/** A stack that sends and takes nothing. */
export type OpenSip = (context: Context) => Promise<Pick<SipPort, 'request' | 'close'>>

/** Asks every trunk with OPTIONS, by our own stack from ports of its own, and tells what came back. SPEC DR-10. */
export const trunks = (open: OpenSip = openOwn): Check => ({
  name: 'trunks',
  look: async (context) => {
    const { config, system } = context
    const wanted = contactsIn(config).slice(0, most)
    if (wanted.length === 0) return []
    if (config.sip.drachtio)
      return [
        {
          check: 'trunks',
          severity: 'note',
          what: 'Trunks are asked by the drachtio-server; its own log tells whether they answer.',
        },
      ]
    if (config.sip.listen.length === 0)
      return [
        {
          check: 'trunks',
          severity: 'problem',
          what: `There are trunks (DN ${wanted[0]?.number}), and no SIP listener to reach them by.`,
          lift: 'Set sip.listen.',
        },
      ]
    let sip: Awaited<ReturnType<OpenSip>>
    try {
      sip = await open(context)
    } catch (error) {
      return [
        {
          check: 'trunks',
          severity: 'problem',
          what: `No SIP can be sent from here (${codeOf(error)}).`,
          lift: 'See what was found of ports and certificates.',
        },
      ]
    }
    try {
      return await Promise.all(
        wanted.map(async ({ number, contact }) => {
          const begun = system.monotonic()
          const late = Promise.withResolvers<undefined>()
          const stop = system.clock.after(deadlineMs, () => late.resolve(undefined))
          const from = `sip:ringdown-doctor@${config.sip.domains[0] ?? 'localhost'}`
          const answer = await Promise.race([
            sip.request({ method: 'OPTIONS', to: { uri: contact }, from }),
            late.promise,
          ])
          stop()
          return judge(number, contact, answer, system.monotonic() - begun)
        }),
      )
    } finally {
      await sip.close()
    }
  },
})

function judge(number: string, contact: string, answer: SipAnswer | undefined, ms: number): Finding {
  const check = 'trunks'
  if (!answer?.received) {
    const why = answer && answer.status !== 408 ? 'there is no way to it' : `no answer within ${deadlineMs / 1_000} s`
    return {
      check,
      severity: 'problem',
      what: `The trunk ${number} does not answer OPTIONS at ${contact}: ${why}.`,
      lift: 'See that it runs and listens there, that a firewall lets both directions through, and that it takes requests from this address.',
    }
  }
  const said = `The trunk ${number} answers OPTIONS at ${contact} with ${answer.status} ${answer.reason} after ${Math.round(ms)} ms`
  if (answer.status >= 200 && answer.status < 300)
    return { check, severity: 'ok', what: `${said}.`, measured: Math.round(ms) }
  return {
    check,
    severity: answer.status >= 500 ? 'limit' : 'note',
    what: `${said}: it lives, but may not know us.`,
    lift: 'See how it knows peers: by this address and the port of sip.listen, while this question came from another port.',
    measured: answer.status,
  }
}

function contactsIn({ contactCentres }: Context['config']): { number: string; contact: string }[] {
  return contactCentres.flatMap(({ objects }) => {
    const built = buildDirectory(objects)
    if (!('directory' in built)) return []
    return [...built.directory.dns.values()]
      .filter((dn) => isTrunk(dn))
      .flatMap((dn) => contactsOf(dn).map((contact) => ({ number: dn.number, contact })))
  })
}

/** Our stack as the configuration has it, at free ports: a server that runs keeps its own. */
async function openOwn({ config, system }: Context) {
  const kinds = new Map(config.sip.listen.map((listener) => [`${listener.transport} ${listener.host}`, listener]))
  const listen = [...kinds.values()].filter(({ transport }) => transport !== 'ws' && transport !== 'wss')
  const opener = sipOpener({
    config: {
      ...config,
      sip: { ...config.sip, reusePort: false, listen: listen.map((each) => ({ ...each, port: 0 })) },
    },
    clock: system.clock,
    log: createLog('silent', 'doctor'),
    onDropped: () => undefined,
  })
  if (!opener) throw new Error('no listener that sends')
  return opener.open(deaf)
}

/** Whoever finds our port by chance is told that nobody is there. */
const deaf: SipUser = {
  onRequest: async () => ({ status: 404 }),
  onInvite: (invite) => invite.reject({ status: 404 }),
  onFlowClosed: () => undefined,
}
