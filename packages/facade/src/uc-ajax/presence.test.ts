import { describe, expect, test } from 'vitest'
import { lab } from '../testing/lab.ts'
import { agentState, start } from '../web-services/contact-centre-session.ts'
import { Addresses } from './addresses.ts'
import { agentOperation, availabilityOf, presencesOf } from './presence.ts'

describe('presence', () => {
  test.each([
    [null, 18_500, 18_500],
    [{ state: 'null' }, 18_500, 18_500],
    [{ state: 'ready' }, 3_500, 6_500],
    [{ state: 'ready', workMode: 'AfterCallWork' }, 3_500, 6_500],
    [{ state: 'notReady' }, 15_500, 6_500],
    [{ state: 'notReady', workMode: 'AuxWork' }, 15_500, 6_500],
    [{ state: 'notReady', workMode: 'AfterCallWork' }, 12_500, 6_500],
  ] as const)('[UC-37] %j is %i, in an IM session %i', (login, alone, talking) => {
    expect(availabilityOf(login, false)).toBe(alone)
    expect(availabilityOf(login, true)).toBe(talking)
  })

  test.each([
    [3_500, 'Ready'],
    [4_500, 'Ready'],
    [6_500, 'NotReady'],
    [7_500, 'NotReady'],
    [9_500, 'NotReady'],
    [12_500, 'AfterCallWork'],
    [15_500, 'NotReady'],
    [18_500, undefined],
    [3_499, undefined],
    [6_499, 'Ready'],
    [12_499, 'NotReady'],
    [15_499, 'AfterCallWork'],
    [18_499, 'NotReady'],
    [99_999, undefined],
    [0, undefined],
    [-1, undefined],
    [Number.NaN, undefined],
  ])('[UC-38] %d asks for %s', (availability, operation) => {
    expect(agentOperation(availability)).toBe(operation)
  })

  test('[UC-37] who is asked for, in that order, each once; strangers are left out', async () => {
    const { centre, clock } = await lab()
    const addresses = new Addresses(centre, { domain: null, persons: 'user' })
    const person = centre.directory().personsByUserName.get('anna')
    if (!person) throw new Error('there is no anna')
    const who = { centre, person }
    const of = async (...uris: string[]) =>
      (await presencesOf(centre, addresses, uris)).map(({ uri, availability }) => `${uri} ${availability}`)
    expect(await of('sip:anna@demo')).toEqual(['sip:anna@demo 18500'])

    const since = clock.now()
    await start(who, {})
    clock.advance(1_000)
    await agentState(who, 'AfterCallWork')
    expect(await presencesOf(centre, addresses, ['anna'])).toEqual([
      { uri: 'sip:anna@demo', availability: 12_500, since },
    ])
    await agentState(who, 'Ready')
    expect(
      await of(
        'sip:ben@demo',
        'sip:7001@demo',
        'sip:x@else',
        ' ',
        'sip:4711@demo',
        'SIP:Anna@DEMO;x=y',
        'sip:anna@demo',
      ),
    ).toEqual(['sip:ben@demo 18500', 'sip:7001@demo 3500', 'sip:anna@demo 3500'])

    const ben = centre.directory().personsByUserName.get('ben')
    if (!ben) throw new Error('there is no ben')
    await start({ centre, person: ben }, {})
    const call = { request: 'TMakeCall', person: person.id, thisDN: '7001', otherDN: '7002' } as never
    await centre.tserver.request(call)
    expect(await of('sip:ben@demo', 'sip:7001@demo', '7002')).toEqual([
      'sip:ben@demo 6500',
      'sip:7001@demo 6500',
      'sip:7002@demo 6500',
    ])
  })
})
