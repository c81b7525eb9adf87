import { expect, test } from 'vitest'
import { readPeople } from './read-people.ts'

test('[LD-3] a list of agents is CSV with named columns, in any order, quoted or not', () => {
  expect(readPeople('\uFEFFpassword,number,userName\r\n"a, ""b""",7001,anna\r\n\r\nc , 7002 ,ben\r\n')).toEqual({
    people: [
      { password: 'a, "b"', number: '7001', userName: 'anna' },
      { password: 'c', number: '7002', userName: 'ben' },
    ],
  })
})

test.each([
  ['', 'the first line has to name the columns userName, password, number'],
  ['7001,secret\n', 'the first line has to name the columns userName, password, number'],
  ['number,password\n', 'there is nobody in it'],
  ['number,password\n7001\n', 'line 2 has not as many fields as the first line'],
  ['number,password\n7001,"x\n', 'line 2 has not as many fields as the first line'],
  ['number,password\n7001,x\n7002,\n', 'line 3 has no password'],
  ['number,password\n,x\n', 'line 2 has no number'],
])('[LD-3] %j is refused', (text, problem) => {
  expect(readPeople(text)).toEqual({ problem })
})
