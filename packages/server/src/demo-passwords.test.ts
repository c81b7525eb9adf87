import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { demoConfig } from './config/demo-config.ts'
import { type Config, loadConfig } from './config/load-config.ts'
import { demoPasswordsExposed, keptDemoPasswords, readDemoPasswords } from './demo-passwords.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringdown-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('keptDemoPasswords', () => {
  test('[SV-7] a restart keeps the passwords, in a file for its owner only', () => {
    const data = join(directory, 'data')
    expect(readDemoPasswords(data)).toBeUndefined()
    const first = keptDemoPasswords(data)
    expect(keptDemoPasswords(data)).toEqual(first)
    expect(statSync(data).mode & 0o777).toBe(0o700)
    expect(statSync(join(data, 'demo-passwords.json')).mode & 0o777).toBe(0o600)
  })

  test('[SV-7] a file that cannot be understood is told, not replaced', () => {
    writeFileSync(join(directory, 'demo-passwords.json'), '{')
    expect(() => keptDemoPasswords(directory)).toThrow(
      /demo-passwords\.json cannot be read as demo passwords: remove it/,
    )
    writeFileSync(join(directory, 'demo-passwords.json'), '{"anna":"x"}')
    expect(() => keptDemoPasswords(directory)).toThrow(/remove it/)
  })
})

describe('demoPasswordsExposed', () => {
  const demoAt = (host: string): Config => {
    const loaded = demoConfig({ host, port: 1, directory }, keptDemoPasswords(directory))
    if ('mistakes' in loaded) throw new Error('wrong demo')
    return loaded.config
  }

  test('[SV-8] generated passwords are for loopback', () => {
    const passwords = keptDemoPasswords(directory)
    expect(demoPasswordsExposed(demoAt('127.0.0.1'), passwords)).toBeUndefined()
    expect(demoPasswordsExposed(demoAt('::1'), passwords)).toBeUndefined()
    expect(demoPasswordsExposed(demoAt('0.0.0.0'), passwords)).toBe(
      'anna of contact centre demo has a generated demo password, and 0.0.0.0 can be reached from other machines: write a ringdown.yaml with passwords of your own, or listen on 127.0.0.1',
    )
  })

  test('[SV-8] in a file of one’s own too', () => {
    const passwords = keptDemoPasswords(directory)
    const file = (password: string) =>
      loadConfig(
        `http: { host: 10.0.0.1 }\ncontactCentres: [{ id: a, persons: [{ userName: eve, password: ${password} }] }]`,
        {
          env: {},
          readFile: () => '',
        },
      )
    const copied = file(passwords.ben)
    const own = file('something else')
    if ('mistakes' in copied || 'mistakes' in own) throw new Error('wrong file')
    expect(demoPasswordsExposed(copied.config, passwords)).toMatch(/^eve of contact centre a /)
    expect(demoPasswordsExposed(own.config, passwords)).toBeUndefined()
    expect(demoPasswordsExposed(copied.config, undefined)).toBeUndefined()
  })
})
