import { expect, test } from 'vitest'
import { frameHeader, framesIn } from './msrp-frames.ts'

const paths = 'To-Path: msrp://a.example:2855/x;tcp\r\nFrom-Path: msrp://b.example:2855/y;tcp\r\n'
const send = (tid: string, body: string, flag = '$') =>
  `MSRP ${tid} SEND\r\n${paths}Message-ID: 1\r\nByte-Range: 1-${body.length}/${body.length}\r\nContent-Type: text/plain\r\n\r\n${body}\r\n-------${tid}${flag}\r\n`
const ok = (tid: string) => `MSRP ${tid} 200 OK\r\n${paths}-------${tid}$\r\n`
const all = (stream: string) => [...framesIn(stream)].map(({ begin, end }) => stream.slice(begin, end))

test('frames are found one after the other, and put together again they are what came', () => {
  const frames = [send('d93kswow', 'hello'), ok('a786hjs2'), send('d93kswox', '', '+'), send('d93kswoy', 'x', '#')]
  expect(all(frames.join(''))).toEqual(frames)
  for (const { frame, begin, end } of framesIn(frames.join('')))
    expect(frame.head + frame.body + frame.tail).toBe(frames.join('').slice(begin, end))
})

test('head, body and end-line are told apart', () => {
  const [only] = [...framesIn(send('d93kswow', 'MSRP fakefake 200 OK\r\n-------nobody$\r\n'))]
  expect(only?.frame).toMatchObject({
    tid: 'd93kswow',
    method: 'SEND',
    body: 'MSRP fakefake 200 OK\r\n-------nobody$\r\n',
    tail: '\r\n-------d93kswow$\r\n',
  })
  expect(only && frameHeader(only.frame, 'content-type')).toBe('text/plain')
  const [response] = [...framesIn(ok('a786hjs2'))]
  expect(response?.frame).toMatchObject({ method: '200 OK', body: '', tail: '-------a786hjs2$\r\n' })
})

test('a stream whose beginning is lost is read from the next frame on', () => {
  const stream = send('d93kswow', 'hello') + ok('a786hjs2')
  for (let cut = 1; cut < stream.length - ok('a786hjs2').length; cut++)
    expect(all(stream.slice(cut)).at(-1)).toBe(ok('a786hjs2'))
})

test('what is not complete is left out', () => {
  const stream = ok('a786hjs2') + send('d93kswow', 'hello')
  for (let cut = ok('a786hjs2').length; cut < stream.length; cut++)
    expect(all(stream.slice(0, cut))).toEqual([ok('a786hjs2')])
})
