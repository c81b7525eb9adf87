import { describe, expect, test } from 'vitest'
import { readPoll } from './data.routes.ts'
import { CwaHttpError } from './http-errors.ts'

const path = '/cwa/asyncdatachannel.ashx'

describe('the query of a poll', () => {
  for (const [query, sid, ackId, active] of [
    ['?Sid=52&AckId=12&UA=true', 52, 12, true],
    ['?Sid=52&&AckID=0&UA=false', 52, 0, false],
    ['?&SID=52&ackid=7&&ua=TRUE&', 52, 7, true],
    ['?Sid=52', 52, 0, false],
    ['?Sid=52&UA=maybe', 52, 0, false],
    ['?Sid=0', 0, 0, false],
    ['?Sid=52&sid=53&AckId=1&AckId=2', 52, 1, false],
    ['?Ck=1700000000&Sid=5%32&AckId=+1&x=%zz', 52, 1, false],
    ['?Sid=999999999999999&AckId=999999999999999', 999_999_999_999_999, 999_999_999_999_999, false],
  ] as const)
    test(`[UC-50] ${query}`, () => expect(readPoll(path + query)).toEqual({ sid, ackId, active }))

  for (const query of [
    '',
    '?',
    '?AckId=1',
    '?Sid=',
    '?Sid=a',
    '?Sid=-1',
    '?Sid=1.5',
    '?Sid=1e3',
    '?Sid=1&AckId=',
    '?Sid=1&AckId=-1',
    '?Sid=1&AckId=0x1',
    '?Sid=1&AckId=1000000000000000',
    '?Sid=1&AckId=%31%00',
  ])
    test(`[UC-50] '${query}' is 400 with 18001`, () => {
      try {
        readPoll(path + query)
      } catch (error) {
        expect(error).toBeInstanceOf(CwaHttpError)
        expect(error).toMatchObject({ status: 400, failure: { code: 'InvalidRequest' } })
        return
      }
      throw new Error('it was taken')
    })
})
