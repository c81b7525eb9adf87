import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import type { Clock } from '@ringdown/signalling'
import type { Config } from '../config/load-config.ts'
import { HepExporter } from './exporter.ts'
import type { Sink, SinkUser } from './sink.ts'
import { streamSink } from './stream-sink.ts'
import { udpSink } from './udp-sink.ts'

/** What sends SIP messages to the collector of the configuration; undefined where there is none. SPEC HP-1. */
export function openHep({ hep }: Config, node: string, clock: Clock): HepExporter | undefined {
  if (!hep) return undefined
  const { host, port, transport, caFile } = hep
  const tls = transport === 'tls' ? { ...(caFile !== undefined && { ca: readFileSync(caFile, 'utf8') }) } : undefined
  const sink = (user: SinkUser): Sink =>
    transport === 'udp'
      ? udpSink({ host, port, clock, user, lookup: (name) => lookup(name) })
      : streamSink({ host, port, clock, user, tls })
  return new HepExporter({
    sink,
    clock,
    now: () => performance.timeOrigin + performance.now(),
    soon: setImmediate,
    agent: { id: hep.captureId, name: hep.captureName ?? node, key: hep.key?.reveal() },
    whole: hep.bodies === 'whole',
    correlate: hep.correlate,
    bytes: hep.bufferBytes,
  })
}
