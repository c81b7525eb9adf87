import type { Ladder, LadderEntry, Lane } from '@ringdown/facade'
import { engineLane, type NodePart, type Piece } from './piece.ts'

/** How lanes are called. */
export interface LaneNames {
  person(id: string): string
}

export interface LadderParts {
  readonly callUUID: Ladder['callUUID']
  readonly parts: readonly NodePart[]
  readonly silent: readonly string[]
  readonly names: LaneNames
}

/** What the nodes hold of a session, on one time axis: as exact as their clocks agree. */
export function makeLadder({ callUUID, parts, silent, names }: LadderParts): Ladder {
  const pieces = inOrder(parts)
  const seen = new Set<string>()
  const entries = pieces.map(({ node, piece }) => entryOf(node, piece, seen))
  const discarded: Record<string, number> = {}
  for (const part of parts)
    for (const [reason, bytes] of Object.entries(part.discarded)) discarded[reason] = (discarded[reason] ?? 0) + bytes
  return { callUUID, lanes: lanesOf(entries, names), entries, discarded, silent: [...silent] }
}

/** All pieces by time; at the same time, in the order their node has recorded them. */
export function inOrder(parts: readonly NodePart[]): { node: string; piece: Piece }[] {
  return parts
    .flatMap(({ node, pieces }) => pieces.map((piece) => ({ node, piece })))
    .sort(
      (a, b) =>
        a.piece.at - b.piece.at ||
        (a.node < b.node ? -1 : a.node > b.node ? 1 : 0) ||
        a.piece.number - b.piece.number ||
        a.piece.part - b.piece.part,
    )
}

function entryOf(node: string, piece: Piece, seen: Set<string>): LadderEntry {
  const { number, part, at, kind, from, to, title, wire } = piece
  return {
    id: part === 0 ? `${node}:${number}` : `${node}:${number}.${part}`,
    at,
    node,
    kind,
    from,
    to,
    title,
    ...(wire?.protocol === 'sip' && isRepeated(node, from, wire, seen) && { repeated: true }),
    content: wire ? Buffer.from(wire.data, 'latin1').toString('utf8') : (piece.content ?? ''),
  }
}

/** RFC 3261 §17: a retransmission is the same bytes once more, to the same place. */
function isRepeated(
  node: string,
  from: string,
  { flow, data }: NonNullable<Piece['wire']>,
  seen: Set<string>,
): boolean {
  const key = `${node} ${from} ${flow} ${data}`
  if (seen.has(key)) return true
  seen.add(key)
  return false
}

/** Clients in the order they appear, the engine, then the endpoints. */
function lanesOf(entries: readonly LadderEntry[], names: LaneNames): Lane[] {
  const ids = new Set(entries.flatMap(({ from, to }) => [from, to]))
  const clients: Lane[] = []
  const endpoints: Lane[] = []
  for (const id of ids) {
    const [kind, name] = [id.slice(0, id.indexOf(':')), id.slice(id.indexOf(':') + 1)]
    if (kind === 'client') clients.push({ id, label: names.person(name), kind: 'client' })
    else if (kind === 'dn') endpoints.push({ id, label: name, kind: 'endpoint' })
  }
  return [...clients, { id: engineLane, label: 'Ringdown', kind: 'engine' }, ...endpoints]
}
