import { describe, expect, test } from 'vitest'
import { en } from '../view/messages/en.ts'
import { type Doing, passes, problemOf } from './problem.ts'

const refused = (httpStatus: number, statusCode: number, message: string) =>
  ({ failure: 'refused', httpStatus, statusCode, message }) as const

describe('[DT-12] a failure is a sentence', () => {
  // biome-ignore format: read it as a table
  const table = [
    // doing         HTTP code message                                            sentence
    ['signIn',       401, 20, 'Wrong user name or password',                      'wrongPassword'],
    ['read',         401, 20, 'The HTTP session has ended; send credentials',     'expired'],
    ['send',         401, 20, 'Not authenticated; send credentials',              'expired'],
    ['signIn',       429, 20, 'Too many failed logins; try again later',          'tooManyTries'],
    ['takePlace',    403,  5, 'This needs the role ROLE_AGENT or ROLE_SUPERVISOR','forbidden'],
    ['start',        403,  3, 'Missing or invalid Csrf token',                    'stalePage'],
    ['read',         404,  6, 'The feature api-voice-instant-messaging is not enabled', 'featureOff'],
    ['takePlace',    404,  6, 'There is no place X',                              'noSuchPlace'],
    ['takePlace',    409, 19, '7001 is in other hands',                           'placeTaken'],
    ['takePlace',    400,  1, 'devicePath is missing; place P has several',       'placeUnclear'],
    ['start',        400,  2, 'Invalid state',                                    'peerBusy'],
    ['start',        400,  2, 'No suitable device: 7001 does not carry IM',       'noDevice'],
    ['start',        400,  2, 'No suitable device: you are not logged in; …',     'notLoggedIn'],
    ['start',        400, 10, 'destination.phoneNumber must NOT have …',          'notAccepted'],
    ['send',         400,  2, 'Invalid state',                                    'sessionOver'],
    ['send',         404,  6, 'You have no IM session S',                         'gone'],
    ['send',         413, 10, 'The body is larger than 524288 bytes',             'tooLarge'],
    ['userData',     400, 10, 'user data are too large',                          'notAccepted'],
    ['userData',     409, 19, 'changed by others',                                'conflict'],
    ['answer',       400,  2, 'Invalid state: Accept does not fit',               'sessionOver'],
    ['changeState',  400,  2, 'You are not logged in',                            'notLoggedIn'],
    ['read',         503,  4, 'the store does not answer',                        'unavailable'],
    ['read',         500,  4, 'Internal error',                                   'broken'],
    ['read',         502, -1, 'not an answer of the API',                         'unavailable'],
    ['read',         200, -1, 'not an answer of the API',                         'strange'],
    ['read',         404,  6, 'You have no IM session S',                         'gone'],
    ['complete',     400,  7, 'something new',                                    'refused'],
  ] as const satisfies readonly (readonly [Doing, number, number, string, string])[]

  for (const [doing, http, code, message, kind] of table)
    test(`${doing}: HTTP ${http}, code ${code}, '${message}' is '${kind}'`, () => {
      const problem = problemOf(refused(http, code, message), doing)
      expect(problem.kind).toBe(kind)
      expect(en).toHaveProperty([`problem.${kind}`])
    })

  test('no answer at all is one too', () => {
    expect(problemOf({ failure: 'noAnswer' }, 'send')).toEqual({ kind: 'noAnswer' })
  })

  test('the server’s words stand beside it where they tell more', () => {
    expect(problemOf(refused(409, 19, '7001 is held by ben'), 'takePlace').detail).toBe('7001 is held by ben')
    expect(problemOf(refused(401, 20, 'Wrong user name or password'), 'signIn').detail).toBeUndefined()
  })

  test('what passes by itself is told from what does not', () => {
    const outcome = (http: number, code: number) => passes(problemOf(refused(http, code, ''), 'send'))
    expect([outcome(503, 4), outcome(500, 4), outcome(502, -1), outcome(400, 2), outcome(413, 10)]).toEqual([
      ...[true, true, true],
      ...[false, false],
    ])
  })
})
