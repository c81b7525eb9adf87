import { describe, expect, test } from 'vitest'
import { emptyForm, type Row, rowLimit, startData, withRow } from './start-data.ts'

const row = (name: string, value: string, id = 1): Row => ({ id, name, value })

describe('[DT-28] the user data of a new session', () => {
  test('are the topic and the rows that have a name', () => {
    expect(startData(emptyForm)).toEqual({})
    expect(
      startData({ topic: ' Order 66 ', rows: [row(' colour ', ' blue '), row(' ', 'x'), row('empty', '')] }),
    ).toEqual({
      colour: ' blue ',
      empty: '',
      Subject: 'Order 66',
    })
  })

  test('have the later one of two, and the topic before a row of its name', () => {
    const rows = [row('a', '1'), row('a', '2'), row('Subject', 'row')]
    expect(startData({ topic: '', rows })).toEqual({ a: '2', Subject: 'row' })
    expect(startData({ topic: 'field', rows })).toEqual({ a: '2', Subject: 'field' })
  })

  test('may have a name that objects know', () => {
    expect(Object.keys(startData({ topic: '', rows: [row('__proto__', 'x')] }))).toEqual(['__proto__'])
  })

  test('have rows that can be told apart, and no end of them there is not', () => {
    let form = emptyForm
    for (let i = 0; i < rowLimit + 5; i++) form = withRow(form)
    expect([form.rows.length, new Set(form.rows.map(({ id }) => id)).size]).toEqual([rowLimit, rowLimit])
    const [, ...others] = form.rows
    expect(withRow({ topic: '', rows: others }).rows.at(-1)?.id).toBe(rowLimit + 1)
  })
})
