import { describe, expect, test } from 'vitest'
import { parseBasic } from './basic.ts'

const encoded = (bytes: Buffer) => `Basic ${bytes.toString('base64')}`

describe('Basic credentials', () => {
  test('[WS-10] are read in UTF-8 and in ISO-8859-1', () => {
    const text = 'jürgen:Straße'
    expect(parseBasic(encoded(Buffer.from(text, 'utf8')))).toEqual({ user: 'jürgen', password: 'Straße' })
    expect(parseBasic(encoded(Buffer.from(text, 'latin1')))).toEqual({ user: 'jürgen', password: 'Straße' })
  })

  test('the first colon ends the user name; a password may hold more, or be empty', () => {
    expect(parseBasic(encoded(Buffer.from('anna:a:b')))).toEqual({ user: 'anna', password: 'a:b' })
    expect(parseBasic(encoded(Buffer.from('anna:')))).toEqual({ user: 'anna', password: '' })
  })

  test('the scheme is named in any case', () => {
    expect(parseBasic(`bAsIc ${Buffer.from('a:b').toString('base64')}`)).toEqual({ user: 'a', password: 'b' })
  })

  for (const header of [
    '',
    'Basic',
    'Basic ',
    'Basic !!!',
    'Bearer YTpi',
    `Basic ${btoa('nocolon')}`,
    `Basic ${btoa(':b')}`,
  ])
    test(`'${header}' is none`, () => expect(parseBasic(header)).toBeUndefined())
})
