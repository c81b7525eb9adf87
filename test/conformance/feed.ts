import { readdirSync, readFileSync } from 'node:fs'
import {
  type Framed,
  type ParseFault,
  parseMessage,
  type SipMessage,
  StreamFramer,
  seededRandom,
} from '@ringdown/signalling/testing'

/** The names of the vectors in a folder beside this file, without `.dat`. */
export function vectorNames(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, import.meta.url))
    .filter((name) => name.endsWith('.dat'))
    .map((name) => name.slice(0, -'.dat'.length))
    .sort()
}

/** A vector's bytes. */
export function vector(folder: string, name: string): Uint8Array {
  return readFileSync(new URL(`${folder}/${name}.dat`, import.meta.url))
}

/** As one datagram. */
export function asDatagram(bytes: Uint8Array): SipMessage | ParseFault {
  return parseMessage(bytes)
}

/** How a stream can arrive: at once, byte by byte, or cut at random places. */
export const waysToArrive: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array[]>> = {
  'at once': (bytes) => [bytes],
  'byte by byte': (bytes) => Array.from(bytes, (_, at) => bytes.slice(at, at + 1)),
  ...Object.fromEntries([1, 2, 3, 4, 5].map((seed) => [`in pieces, seed ${seed}`, (bytes) => pieces(bytes, seed)])),
}

function pieces(bytes: Uint8Array, seed: number): Uint8Array[] {
  const random = seededRandom(seed)
  const found: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + (random() % 97)
    found.push(bytes.slice(at, at + length))
    at += length
  }
  return found
}

/** As a stream: what it brought without keep-alives, and whether a message is still under way. */
export function asStream(parts: readonly Uint8Array[]): { read: (SipMessage | ParseFault)[]; pending: boolean } {
  const framer = new StreamFramer()
  const framed = parts.flatMap((part): readonly Framed[] => framer.push(part))
  const read: (SipMessage | ParseFault)[] = []
  for (const item of framed)
    if (item.kind === 'message') read.push(item.message)
    else if (item.kind === 'fault') read.push(item)
  return { read, pending: framer.pending }
}

/** All that can be read out of a message, to compare two readings of it. */
export function everything(message: SipMessage | ParseFault): unknown {
  if (message.kind === 'fault')
    return { why: message.why, answer: message.answer && Buffer.from(message.answer).toString('latin1') }
  const { kind, callID, cseq, from, to, via } = message
  const start = message.kind === 'request' ? [message.method, message.uri] : [message.status, message.reason]
  return {
    ...{ kind, start, callID, cseq, lines: message.lines(), body: Buffer.from(message.body).toString('latin1') },
    from: [from.display, from.uri, from.tag, [...from.params]],
    to: [to.display, to.uri, to.tag, [...to.params]],
    via: [via.transport, via.host, via.port, via.branch, [...via.params]],
  }
}

/** The status of the answer a fault brings with it; undefined where silence is right. */
export function answerStatus(fault: ParseFault): number | undefined {
  const line = fault.answer && Buffer.from(fault.answer).toString('latin1').split('\r\n', 1)[0]
  return line === undefined ? undefined : Number(/^SIP\/2\.0 (\d{3}) /.exec(line)?.[1])
}
