import type { Call } from '@ringdown/signalling'
import { sipDirectory } from '@ringdown/signalling/testing'
import { describe, expect, test } from 'vitest'
import { imSessionOfCall } from './resource.ts'

const person = 'a'.repeat(32) as never

/** A call from somebody behind a trunk that rings at a DN. */
function ringing(dn: string): Call {
  const sip = { owner: 'n1', mode: 'session', trunk: 'T', uri: 'sip:0555@gw.example' } as never
  return {
    callUUID: '5G95T5N7UIAQMBEOBDHH4V35PK000000' as never,
    connID: '0001000000000001' as never,
    callType: 'Inbound',
    created: 1,
    userData: {},
    parties: [
      { dn: '0555' as never, role: 'Origination', state: 'dialing', leg: 'sip', agent: null, sip },
      { dn: dn as never, role: 'Destination', state: 'alerting', leg: 'tlibrary', agent: person },
    ],
  }
}

describe('a session with a SIP party', () => {
  test('[WS-4] shows the party by its number', () => {
    const session = imSessionOfCall(ringing('7001'), person, sipDirectory(), 'https://im.example/api/v2')
    expect(session?.participants).toEqual([
      { digits: '0555', e164Number: '0555', formattedPhoneNumber: '0555', phoneNumber: '0555' },
    ])
  })

  test('[WS-39] at a DN with a SIP leg offers neither Accept nor Reject', () => {
    const directory = sipDirectory({ '7001': { 'auto-answer': 'no' }, '8004': { 'auto-answer': 'no' } })
    const offered = (dn: string) => imSessionOfCall(ringing(dn), person, directory, '')?.capabilities
    expect(offered('7001')).toContain('Accept')
    expect(offered('8004')).toEqual(['AttachUserData', 'UpdateUserData', 'DeleteUserData', 'Complete'])
  })
})
