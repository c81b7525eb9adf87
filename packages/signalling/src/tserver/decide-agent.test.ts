import { describe, expect, test } from 'vitest'
import { bench, demoDirectory, demoObjects } from '../testing/index.ts'
import type { DNumber } from './ids.ts'

const refusal = (code: number) => expect.objectContaining({ code })
const dn = (number: string) => number as DNumber

describe('an agent', () => {
  test('[AG-1] logs in, is ready, not ready, in after-call work, and logs out; an IM call changes none of it', async () => {
    const { agent, tserver } = bench()
    const anna = agent('anna')
    const ben = agent('ben')
    await anna.logIn()
    await ben.logIn()
    const on = { person: anna.person, thisDN: anna.dn }
    await tserver.request({ request: 'TAgentSetReady', ...on, referenceID: 7 })
    await ben.release(await anna.call('7002'))
    expect((await tserver.logins([anna.dn]))[0]?.login?.state).toBe('ready')
    await tserver.request({ request: 'TAgentSetNotReady', ...on, workMode: 'AfterCallWork' })
    expect((await tserver.logins([anna.dn]))[0]?.login).toMatchObject({ state: 'notReady', workMode: 'AfterCallWork' })
    await tserver.request({ request: 'TAgentSetNotReady', ...on })
    expect((await tserver.logins([anna.dn]))[0]?.login?.workMode).toBeUndefined()
    await anna.logOut()
    const events = (await anna.feed()).map((e) => e.event).filter((e) => !('callUUID' in e))
    expect(events.map((e) => e.event)).toEqual([
      'EventRegistered',
      'EventAgentLogin',
      'EventAgentReady',
      'EventAgentNotReady',
      'EventAgentNotReady',
      'EventAgentLogout',
    ])
    expect(events[2]).toMatchObject({ agentID: '5001', state: 'ready', referenceID: 7 })
    expect(events[5]).toMatchObject({ agentID: '5001', state: 'null' })
  })

  test('[AG-2] a DN that somebody holds is seized', async () => {
    const { agent, tserver } = bench()
    const [anna, ben] = [agent('anna'), agent('ben')]
    await anna.logIn()
    const byBen = { person: ben.person, thisDN: anna.dn }
    await expect(tserver.request({ request: 'TRegisterAddress', ...byBen })).rejects.toEqual(refusal(42))
    await expect(
      tserver.request({ request: 'TAgentLogin', ...byBen, place: anna.place, agentID: '5002' }),
    ).rejects.toEqual(refusal(42))
  })

  test('[AG-3] a login without what it needs is refused', async () => {
    const { agent, tserver } = bench()
    const anna = agent('anna')
    const login = (more: object) =>
      tserver.request({ request: 'TAgentLogin', person: anna.person, thisDN: anna.dn, place: anna.place, ...more })
    await expect(login({})).rejects.toEqual(refusal(41))
    await tserver.request({ request: 'TRegisterAddress', person: anna.person, thisDN: anna.dn })
    await expect(login({ agentID: '5002' })).rejects.toEqual(refusal(192))
    await expect(login({ place: 'nowhere' })).rejects.toEqual(refusal(59))
    await expect(login({ place: 'Place_7002' })).rejects.toEqual(refusal(223))
    await expect(login({ thisDN: dn('1') })).rejects.toEqual(refusal(59))
    await expect(login({ agentID: '5001' })).resolves.toEqual({})
  })

  test('[AG-3] somebody who was disabled is refused', async () => {
    const objects = demoObjects()
    const persons = objects.persons.map((p) => (p.userName === 'anna' ? { ...p, enabled: false } : p))
    const anna = bench({ directory: demoDirectory({ ...objects, persons }) }).agent('anna')
    await expect(anna.logIn()).rejects.toEqual(refusal(192))
  })

  test('[AG-4] [AG-5] logs in again, but not with another id and not at another place', async () => {
    const objects = demoObjects()
    const directory = demoDirectory({
      ...objects,
      agentLogins: [...objects.agentLogins, { code: '5011', switch: 'SIP_Switch' }],
      persons: objects.persons.map((p) => (p.userName === 'anna' ? { ...p, agentLogins: ['5001', '5011'] } : p)),
    })
    const { agent, tserver } = bench({ directory })
    const anna = agent('anna')
    await anna.logIn()
    await anna.logIn()
    const login = { request: 'TAgentLogin', person: anna.person } as const
    await expect(tserver.request({ ...login, thisDN: anna.dn, place: anna.place, agentID: '5011' })).rejects.toEqual(
      refusal(185),
    )
    await tserver.request({ request: 'TRegisterAddress', person: anna.person, thisDN: dn('7002') })
    await expect(tserver.request({ ...login, thisDN: dn('7002'), place: 'Place_7002' })).rejects.toEqual(refusal(185))
    expect(await tserver.agent(anna.person)).toEqual({ place: 'Place_7001', dns: ['7001'] })
  })

  test('[AG-6] who logs out takes the session along, in one commit', async () => {
    const { agent, tserver } = bench()
    const [anna, ben] = [agent('anna'), agent('ben')]
    await anna.logIn()
    await ben.logIn()
    const callUUID = await anna.call('7002')
    await ben.logOut()
    expect((await ben.feed()).slice(-2).map((e) => e.event.event)).toEqual(['EventReleased', 'EventAgentLogout'])
    expect((await anna.feed()).at(-1)?.event).toMatchObject({
      event: 'EventReleased',
      extensions: { end: { by: '7002', why: 'loggedOut' } },
    })
    expect((await tserver.call(anna.person, callUUID))?.end?.why).toBe('loggedOut')
    expect(await tserver.session(anna.person)).toBeUndefined()
    expect(await tserver.agent(ben.person)).toEqual({ place: null, dns: [] })
  })

  test('[AG-7] is neither ready nor not ready when logged out', async () => {
    const { agent, tserver } = bench()
    const anna = agent('anna')
    const on = { person: anna.person, thisDN: anna.dn }
    await expect(tserver.request({ request: 'TAgentSetReady', ...on })).rejects.toEqual(refusal(187))
    await anna.logIn()
    await anna.logOut()
    await expect(tserver.request({ request: 'TAgentSetNotReady', ...on })).rejects.toEqual(refusal(187))
    await expect(anna.logOut()).rejects.toEqual(refusal(187))
  })

  test('[AG-8] gives a DN back only when it is theirs and nobody is logged in on it', async () => {
    const { agent, tserver } = bench()
    const [anna, ben] = [agent('anna'), agent('ben')]
    await anna.logIn()
    const give = (person = anna.person) => tserver.request({ request: 'TUnregisterAddress', person, thisDN: anna.dn })
    await expect(give()).rejects.toEqual(refusal(185))
    await anna.logOut()
    await expect(give(ben.person)).rejects.toEqual(refusal(41))
    await give()
    await expect(give()).rejects.toEqual(refusal(41))
  })
})
