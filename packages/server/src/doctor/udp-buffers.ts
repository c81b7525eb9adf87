import { type Check, untold } from './check.ts'
import { bound, bytesText, type Finding, numberText } from './finding.ts'
import { listenersOf } from './listeners.ts'

/** What our SIP listeners ask the system for, bytes (`packages/signalling/src/sip/transport/udp.ts`). */
const wanted = 4 * 1024 * 1024
/** What the kernel counts for a datagram of a usual SIP message (its buffer with all about it). */
const perMessage = 2_304
/** So long nobody may read: a collection of garbage, a slow disk. And what a phone sends meanwhile, messages a second. */
const stallSeconds = 0.25
const perPhone = 0.1

const maxFile = '/proc/sys/net/core/rmem_max'

/** Receive buffers of SIP over UDP, and what they have lost. SPEC DR-5. */
export const udpBuffers: Check = {
  name: 'UDP buffers',
  look: ({ config, scale, system }) => {
    const places = listenersOf(config).filter(({ transport }) => transport === 'udp')
    if (places.length === 0) return []
    if (system.platform !== 'linux') return [untold('UDP buffers', 'Receive buffers of UDP can be told on Linux only.')]
    const max = Number(system.readText(maxFile)?.trim() ?? Number.NaN)
    if (!Number.isFinite(max)) return [untold('UDP buffers', `${maxFile} cannot be read.`)]
    // The kernel doubles what is asked for, for its own bookkeeping (socket(7), SO_RCVBUF).
    const bytes = 2 * Math.min(wanted, max)
    const phones = bytes / perMessage / (stallSeconds * perPhone)
    const share = Math.max(1, scale.sipNumbers) / Math.max(1, scale.agents)
    return [
      ...places.flatMap(({ port }) =>
        dropsAt(system.readText('/proc/net/udp'), system.readText('/proc/net/udp6'), port),
      ),
      bound({
        check: 'UDP buffers',
        at: phones / share,
        agents: scale.agents,
        what: `A UDP listener may have a buffer of ${bytesText(bytes)}, which holds what ${numberText(phones)} phones send in ${stallSeconds} s.`,
        lift: `sysctl -w net.core.rmem_max=${wanted} net.core.wmem_max=${wanted}, and the same in /etc/sysctl.d.`,
        measured: max,
        needed: Math.min(wanted, Math.ceil((scale.sipNumbers * stallSeconds * perPhone * perMessage) / 2)),
      }),
    ]
  },
}

/** The last column of `/proc/net/udp` counts what was lost at each socket. */
function dropsAt(udp: string | undefined, udp6: string | undefined, port: number): Finding[] {
  const wantedPort = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = `${udp ?? ''}\n${udp6 ?? ''}`.split('\n').map((line) => line.trim().split(/\s+/))
  const drops = rows.reduce((sum, row) => ((row[1] ?? '').endsWith(wantedPort) ? sum + Number(row.at(-1)) : sum), 0)
  if (!(drops > 0)) return []
  return [
    {
      check: 'UDP buffers',
      severity: 'limit',
      what: `The socket at UDP port ${port} has lost ${numberText(drops)} datagrams since it was opened, because nobody read them in time.`,
      lift: 'Raise net.core.rmem_max, and look whether the processor is busy: phones repeat what is lost, but late.',
      measured: drops,
      needed: 0,
    },
  ]
}
