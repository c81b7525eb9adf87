import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createAsk } from './ask.ts'

function stage(isTTY: boolean) {
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: () => undefined })
  const output = new PassThrough()
  const shown = () => String(output.read() ?? '')
  return { input, shown, ask: createAsk({ input, output }) }
}

test('[TC-8] answers are lines, however they come, and undefined once there are none', async () => {
  const { input, ask, shown } = stage(false)
  input.write('one\ntw')
  expect(await ask('First? ')).toBe('one')
  const second = ask('Second? ')
  input.write('o\r\nthree\n')
  expect(await second).toBe('two')
  input.end('last, without an end')
  expect([await ask('3? '), await ask('4? '), await ask('5? '), await ask('6? ')]).toEqual([
    'three',
    'last, without an end',
    undefined,
    undefined,
  ])
  expect(shown()).toContain('First? \nSecond? ')
})

test('[TC-8] what is hidden is not shown while it is typed', async () => {
  const { input, ask, shown } = stage(true)
  const open = ask('Name: ')
  input.write('anna\r')
  expect(await open).toBe('anna')
  const hidden = ask('Password: ', { hidden: true })
  input.write('swordfish\r')
  expect(await hidden).toBe('swordfish')
  const all = shown()
  expect(all).toContain('anna')
  expect(all).toContain('Password: ')
  expect(all).not.toContain('fish')
  input.end()
})
