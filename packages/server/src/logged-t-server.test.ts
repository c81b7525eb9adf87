import { TServerError, textService } from '@ringdown/signalling'
import { bench } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { createLog } from './log.ts'
import { loggedTServer } from './logged-t-server.ts'

function setUp(level: string) {
  const lines: string[] = []
  const { tserver, agent } = bench()
  const logged = loggedTServer(tserver, createLog(level, 'n1', { write: (line) => lines.push(line) }))
  const seen = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { logged, anna: agent('anna'), ben: agent('ben'), lines, seen }
}

test('[SV-23] what begins and ends is logged with its DNs and CallUUID, texts and user data never', async () => {
  const { logged, anna, ben, lines, seen } = setUp('debug')
  for (const agent of [anna, ben]) await agent.logIn(logged)
  const callUUID = await anna.call(ben.dn, { userData: { pin: 'hunter2' }, node: logged })
  await logged.request({
    request: 'TPrivateService',
    person: anna.person,
    callUUID,
    serviceID: textService,
    contentType: 'text/plain',
    body: 'hunter2',
  })
  await logged.request({ request: 'TReleaseCall', person: ben.person, callUUID })
  const calls = seen().filter(({ callUUID: id }) => id === callUUID)
  expect(calls.map(({ level, request, msg }) => [level, request, msg])).toEqual([
    ['info', 'TMakeCall', 'request accepted'],
    ['debug', 'TPrivateService', 'request accepted'],
    ['info', 'TReleaseCall', 'request accepted'],
  ])
  expect(calls[0]).toMatchObject({ thisDN: anna.dn, otherDN: ben.dn, person: anna.person })
  expect(calls[1]).toMatchObject({ position: 1 })
  expect(lines.join()).not.toContain('hunter2')
})

test('[SV-23] a refusal is logged with its reason, and reaches the asker as it was', async () => {
  const { logged, anna, seen } = setUp('info')
  await expect(anna.call('hunter2', { node: logged })).rejects.toThrow(TServerError)
  expect(seen()).toMatchObject([{ level: 'info', request: 'TMakeCall', reason: 'TERR_NOT_REGISTERED', code: 41 }])
})

test('[SV-23] a store that fails is a warning, anything unexpected an error', async () => {
  const { logged, anna, seen } = setUp('info')
  const failing = (error: Error) =>
    loggedTServer(
      { ...logged, request: () => Promise.reject(error) },
      createLog('info', 'n1', { write: (l) => told.push(l) }),
    )
  const told: string[] = []
  const request = { request: 'TRegisterAddress', person: anna.person, thisDN: anna.dn } as const
  await expect(failing(new TServerError('TERR_TIMEOUT')).request(request)).rejects.toThrow()
  await expect(failing(new Error('broken')).request(request)).rejects.toThrow('broken')
  expect(told.map((line) => JSON.parse(line).level)).toEqual(['warn', 'error'])
  expect(seen()).toEqual([])
})
