import type { RawPeer } from '../testing/raw-peer.ts'
import { sipPortContract } from '../testing/sip-port.contract.ts'
import type { Deviation, PortBench, PortBenchOptions } from '../testing/sip-port-harness.ts'
import type { ServerAddress } from './drachtio-stack.ts'
import { peerOf, settled, stackWith } from './testing/bench.ts'
import { DrachtioStandIn } from './testing/stand-in.ts'

// SPEC SD-61 to SD-63.
const deviations = new Set<Deviation>([
  'no route headers',
  'unknown methods are dropped',
  'a CANCEL after the answer ends the dialog',
  'a BYE before the answer is refused',
  'a wrong PRACK is not refused',
  'branches are not told apart',
  'a BYE ends re-INVITEs with 500',
])

async function open({ user, sessionTimer }: PortBenchOptions, server: ServerAddress): Promise<PortBench> {
  const peers: RawPeer[] = []
  const port = await stackWith(server, user, { sessionTimer: sessionTimer ?? null })
  return {
    port,
    async peer(transport) {
      const peer = await peerOf(port.listening, transport)
      peers.push(peer)
      return peer
    },
    advance: () => Promise.reject(new Error('the clock is the machine’s')),
    settle: settled,
    async close() {
      for (const peer of peers) await peer.close()
      await port.close()
    },
  }
}

async function openWithStandIn(options: PortBenchOptions): Promise<PortBench> {
  const secret = 'for tests'
  const standIn = await DrachtioStandIn.open({ secret })
  const bench = await open(options, { host: '127.0.0.1', port: standIn.port, secret })
  const close = async () => {
    await bench.close()
    await standIn.close()
  }
  return { ...bench, close }
}

const harness = { clocked: false, ownsDialogs: false, deviations }
sipPortContract('over a drachtio-server that is a stand-in', { ...harness, open: openWithStandIn })

// `host:port:secret` of a real server that listens on loopback for UDP and TCP; see deploy/drachtio.
// biome-ignore lint/style/noProcessEnv: whoever has a server says where it is
const real = /^([^:]+):(\d+):(.+)$/.exec(process.env.RINGDOWN_DRACHTIO ?? '')
if (real) {
  const [, host = '', port = '', secret = ''] = real
  const server = { host, port: Number(port), secret }
  sipPortContract('over drachtio-server', { ...harness, open: (options) => open(options, server) })
}
