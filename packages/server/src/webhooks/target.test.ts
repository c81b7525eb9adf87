import { expect, test } from 'vitest'
import { mayConnect, networksOf } from './address-rules.ts'
import { literalHost, targetProblem } from './target.ts'

test('[WH-31] a target is https at a port for it, without user and password', () => {
  for (const url of ['https://hooks.example/a?b=c', 'https://hooks.example:8443/', 'https://[2606:4700::1111]/'])
    expect(targetProblem(url, false), url).toBeUndefined()
  const wrong = {
    'hooks.example': 'is no URL',
    'ftp://hooks.example/': 'must begin with https://',
    'file:///etc/passwd': 'must begin with https://',
    'https://user:secret@hooks.example/': 'must hold no user',
    'https://user@hooks.example/': 'must hold no user',
    'http://hooks.example/': 'http:// is for networks named in allowPrivate',
    'https://hooks.example/#there': 'has a fragment',
    'https://hooks.example:22/': 'has port 22',
    'https://hooks.example:80/': 'has port 80',
    'https://hooks.example:5061/': 'has port 5061',
    'https://hooks.example:6667/': 'has port 6667',
  }
  for (const [url, problem] of Object.entries(wrong)) expect(targetProblem(url, false), url).toContain(problem)
  expect(targetProblem('http://hooks.example/', true)).toBeUndefined()
  expect(targetProblem('http://hooks.example:8080/', true)).toBeUndefined()
  expect(targetProblem('http://hooks.example:25/', true)).toContain('has port 25')
})

test('[WH-30] an address is one however it is written', () => {
  // biome-ignore format: read it as a table
  const loopback = [
    '127.0.0.1', '127.1', '127.0.1', '0x7f.1', '0x7f000001', '0177.0.0.1', '017700000001', '2130706433', '127.0.0.1.', '１２７.０.０.１',
    '[::1]', '[::ffff:127.0.0.1]', '[0:0:0:0:0:ffff:7f00:0001]', '[::ffff:7f00:1]', '[::127.0.0.1]',
  ]
  for (const host of loopback) {
    const literal = literalHost(new URL(`https://${host}/`))
    expect(literal, host).toBeDefined()
    expect(mayConnect(literal ?? '', networksOf([])), host).toBe(false)
  }
  expect(literalHost(new URL('https://hooks.example/'))).toBeUndefined()
  expect(literalHost(new URL('https://localhost/'))).toBeUndefined()
})
