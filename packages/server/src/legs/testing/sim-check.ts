import type { Call, CallUUID, LegRecord, Text } from '@ringdown/signalling'
import type { SimEndpoint } from './sim-endpoint.ts'

/** What the stores took, in its order. */
export interface History {
  calls: Map<CallUUID, Call>
  logs: Map<CallUUID, Text[]>
  /** `callUUID messageID` of the texts whose sender was told that they failed. */
  failed: Set<string>
  /** The last record of each leg, and whether it will be forgotten. */
  legs: Map<string, { record: LegRecord; expires: boolean }>
}

/**
 * The promise: every text for an endpoint is heard there, once and in the order of the log, or its sender was told that it failed;
 * and what an endpoint was told is accepted stands in one log, once. Answers what is wrong.
 */
export function faultsOfHistory(
  { calls, logs, failed }: History,
  endpoints: readonly SimEndpoint[],
  when: string,
): string[] {
  const faults: string[] = []
  const byNumber = new Map(endpoints.map((endpoint) => [endpoint.number, endpoint]))
  for (const [callUUID, texts] of logs) {
    const call = calls.get(callUUID)
    for (const { dn, sip } of call?.parties ?? []) {
      const endpoint = byNumber.get(dn)
      if (!sip || !endpoint) continue
      const wanted = texts.filter(({ from }) => from !== dn)
      const heard = new Set(endpoint.heard.map(({ body }) => body))
      for (const { body, messageID } of wanted)
        if (!heard.has(body) && !failed.has(`${callUUID} ${messageID}`))
          faults.push(`${when}: ${dn} does not hear ${body} of ${callUUID}, and nobody is told (${describe(call)})`)
      // What was said to have failed may come late all the same: the answer was lost, or the node died before it wrote that down.
      const promised = wanted.filter(({ messageID }) => !failed.has(`${callUUID} ${messageID}`))
      faults.push(...faultsOfOrder(promised, endpoint, when))
    }
  }
  const logged = [...logs.values()].flat()
  for (const { accepted } of endpoints)
    for (const body of accepted) {
      // One that was said again after its session had ended begins another, under the same id.
      const ids = new Set(logged.filter((text) => text.body === body).map(({ messageID }) => messageID))
      if (ids.size !== 1) faults.push(`${when}: ${body} was accepted and has ${ids.size} ids in the logs`)
    }
  return faults
}

function faultsOfOrder(wanted: readonly Text[], { number, heard }: SimEndpoint, when: string): string[] {
  const place = new Map(wanted.map(({ body }, i) => [body, i]))
  const seen = new Set<string>()
  const faults: string[] = []
  let last = -1
  for (const { body } of heard) {
    const at = place.get(body)
    if (at === undefined || seen.has(body)) continue
    seen.add(body)
    if (at < last) faults.push(`${when}: ${number} hears ${body} after ${wanted[last]?.body}`)
    last = Math.max(last, at)
  }
  return faults
}

function describe(call: Call | undefined): string {
  const parties = call?.parties.map(({ dn, state, sip }) => `${dn} ${state} ${sip ? `${sip.mode}@${sip.owner}` : ''}`)
  return `${parties?.join(', ')}; ${call?.end?.why ?? 'alive'}`
}
