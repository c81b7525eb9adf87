import { describe, expect, test } from 'vitest'
import { mirrorOf, readLines, readStanzas } from './support/debian.ts'

const mirror = 'https://mirror.example/debian'

describe('the mirror of Debian that apt uses', () => {
  test('is read from lines', () => {
    const text = `# a comment
deb [signed-by=/usr/share/keyrings/x.gpg arch=amd64] https://packages.example/nodejs nodistro main
deb-src ${mirror}-sources bookworm main
deb ${mirror}-security bookworm-security main
deb ${mirror} bookworm main contrib
`
    expect(mirrorOf(readLines(text))).toBe(mirror)
  })

  test('is read from stanzas', () => {
    const text = `Types: deb
URIs: https://security.example/debian
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: https://other.example/debian
Suites: bookworm

Types: deb deb-src
# a comment
URIs: ${mirror}/
Suites: bookworm bookworm-updates
`
    expect(mirrorOf(readStanzas(text))).toBe(`${mirror}/`)
  })

  test('is not to be had where others are used', () => {
    expect(mirrorOf(readLines('deb http://archive.example/ubuntu noble main'))).toBeUndefined()
  })
})
