import { describe, expect, test } from 'vitest'
import { dueFor, parseStatus, reportMatrix, wantedOf } from './report.ts'

describe('the matrix of RFC 4975 §7.1.2', () => {
  test('[MS-30] has every pair of wishes with every outcome, once', () => {
    const pairs = new Set(reportMatrix.map((row) => row.slice(0, 3).join(' ')))
    expect(pairs.size).toBe(3 * 2 * 3)
    expect(reportMatrix).toHaveLength(18)
  })

  test('[MS-30] says 200 for yes alone, errors never for no, and success REPORTs only where they are wanted', () => {
    for (const [failure, success, outcome, response, report] of reportMatrix) {
      expect(response === 'ok').toBe(failure === 'yes' && outcome === 'ok')
      expect(response === 'error').toBe(failure !== 'no' && outcome === 'now')
      expect(report === 'success').toBe(success && outcome === 'ok')
      expect(report === 'failure').toBe(failure !== 'no' && outcome === 'later')
      expect(dueFor({ failure, success }, outcome)).toEqual({ response, report })
    }
  })

  test('[MS-30] has yes and no for what is not said', () => {
    expect(wantedOf(undefined, undefined)).toEqual({ failure: 'yes', success: false })
    expect(wantedOf('Partial', 'YES')).toEqual({ failure: 'partial', success: true })
    expect(wantedOf('x', undefined)).toBeUndefined()
    expect(wantedOf(undefined, 'partial')).toBeUndefined()
  })

  test('[MS-33] a Status is of the namespace 000', () => {
    expect(parseStatus('000 200 OK')).toEqual({ status: 200, comment: 'OK' })
    expect(parseStatus('000 408')).toEqual({ status: 408, comment: '' })
    for (const none of [undefined, '', '200 OK', '001 200 OK', '000 20 OK', '000200'])
      expect(parseStatus(none)).toBeUndefined()
  })
})
