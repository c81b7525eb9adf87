import { describe, expect, test } from 'vitest'
import { readRequest, readResponse, requestBytes, responseBytes } from '../../testing/index.ts'
import type { HeaderLine } from '../message/message.ts'
import {
  afterTooSmall,
  answeredSession,
  answerSession,
  defaultSessionTimer,
  expireAfter,
  refreshAfter,
  requestHeaders,
} from './session-timer.ts'

const request = (...headers: HeaderLine[]) => readRequest(requestBytes({ method: 'INVITE', headers }))
const response = (...headers: HeaderLine[]) => readResponse(responseBytes(request(), 200, { headers }))
const supported: HeaderLine = ['Supported', 'timer']

describe('session timers', () => {
  // RFC 4028 table 2.
  test.each([
    [[], '1800;refresher=uas', 'local'],
    [[['Session-Expires', '600']], '600;refresher=uas', 'local'],
    [[supported], '1800;refresher=uas', 'local'],
    [[supported, ['Session-Expires', '600']], '600;refresher=uas', 'local'],
    [[supported, ['Session-Expires', '600;refresher=uac']], '600;refresher=uac', 'remote'],
    [[supported, ['Session-Expires', '600;refresher=uas']], '600;refresher=uas', 'local'],
    [[supported, ['Session-Expires', '7200']], '1800;refresher=uas', 'local'],
    [[supported, ['Session-Expires', '7200'], ['Min-SE', '3600']], '3600;refresher=uas', 'local'],
  ] as [HeaderLine[], string, string][])('[SD-14] asked with %j we answer %s', (headers, expected, refresher) => {
    const answer = answerSession(request(...headers), defaultSessionTimer)
    if ('tooSmall' in answer) throw new Error('too small')
    expect(answer.headers[0]).toEqual(['Session-Expires', expected])
    expect(answer.session?.refresher).toBe(refresher)
    expect(answer.headers.some(([name]) => name === 'Require')).toBe(expected.endsWith('uac'))
  })

  test('[SD-14] less than Min-SE is refused, unless the peer would not understand why', () => {
    const options = { interval: 1800, minSE: 300 }
    const short: HeaderLine = ['Session-Expires', '120']
    expect(answerSession(request(supported, short), options)).toEqual({ tooSmall: [['Min-SE', '300']] })
    expect(answerSession(request(short), options)).toHaveProperty('session')
  })

  test('[SD-14] without a timer of ours only the peer’s wish makes one', () => {
    expect(answerSession(request(supported), undefined)).toEqual({ session: null, headers: [] })
    expect(answerSession(request(supported, ['Session-Expires', '7200']), undefined)).toMatchObject({
      session: { interval: 7200 },
    })
  })

  test('[SD-14] what a 2xx says holds; nothing means no timer', () => {
    expect(answeredSession(response())).toBeNull()
    expect(answeredSession(response(['Session-Expires', 'soon']))).toBeNull()
    expect(answeredSession(response(['Session-Expires', '600;refresher=uas']))).toEqual({
      interval: 600,
      refresher: 'remote',
    })
    expect(answeredSession(response(['Session-Expires', '10']))).toEqual({ interval: 90, refresher: 'local' })
  })

  test('[SD-14] a 422 that asks for no more than it got is not answered', () => {
    expect(afterTooSmall(response(['Min-SE', '3600']), 1800)).toBe(3600)
    expect(afterTooSmall(response(['Min-SE', '1800']), 1800)).toBeUndefined()
    expect(afterTooSmall(response(), 1800)).toBeUndefined()
  })

  test('[SD-20] refresh at half the interval, BYE before it is over', () => {
    expect(refreshAfter({ interval: 1800, refresher: 'local' })).toBe(900_000)
    expect(expireAfter({ interval: 1800, refresher: 'local' })).toBe(1_768_000)
    expect(expireAfter({ interval: 90, refresher: 'local' })).toBe(60_000)
  })

  test('[SD-14] Min-SE is said where it is more than the RFC’s', () => {
    expect(requestHeaders(1800, 90)).toEqual([['Session-Expires', '1800']])
    expect(requestHeaders(1800, 300, 'uas')).toEqual([
      ['Session-Expires', '1800;refresher=uas'],
      ['Min-SE', '300'],
    ])
  })
})
