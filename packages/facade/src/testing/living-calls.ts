import { type Call, type CallUUID, type Change, type ConnID, type DNumber, makeCallUUID } from '@ringdown/signalling'

/** The id of the i-th of many sessions, in their order. */
export const idOf = (i: number): CallUUID => makeCallUUID(new Uint8Array(16).fill(7), i)

/** What makes a session that talks, of two numbers without agents: enough for what lists sessions. */
export function livingCall(i: number): Pick<Change, 'expect' | 'put' | 'live'> {
  const callUUID = idOf(i)
  const created = 1_000 + i
  const party = { state: 'connected', leg: 'tlibrary', agent: null } as const
  const call: Call = {
    callUUID,
    connID: i.toString(16).padStart(16, '0') as ConnID,
    callType: 'Internal',
    created,
    parties: [
      { ...party, dn: `1${i}` as DNumber, role: 'Origination' },
      { ...party, dn: `2${i}` as DNumber, role: 'Destination' },
    ],
    userData: {},
  }
  return {
    expect: [{ kind: 'call', id: callUUID, version: 0 }],
    put: [{ kind: 'call', id: callUUID, value: call }],
    live: { callUUID, from: null, to: 'talking', created },
  }
}
