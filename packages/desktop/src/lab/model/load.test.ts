import { expect, test } from 'vitest'
import { readLoad, usualLoad } from './load.ts'

test('[DT-48] a load run is what the form says, within its bounds', () => {
  expect(readLoad(usualLoad)).toEqual({ wanted: { pairs: 10, textsPerSecond: 100, seconds: 30 } })
  expect(readLoad({ pairs: ' 200 ', textsPerSecond: '2000', seconds: '600' })).toEqual({
    wanted: { pairs: 200, textsPerSecond: 2000, seconds: 600 },
  })
})

test.for([
  ['pairs', '0'],
  ['pairs', '201'],
  ['pairs', '1.5'],
  ['textsPerSecond', '2001'],
  ['textsPerSecond', ''],
  ['seconds', '1e2'],
  ['seconds', '-1'],
])('[DT-48] %s = "%s" is not meant', ([name = '', value = '']) => {
  expect(readLoad({ ...usualLoad, [name]: value })).toEqual({ wrong: [name] })
})
