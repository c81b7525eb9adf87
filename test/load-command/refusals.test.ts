import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePorts } from '../interop/support/ports.ts'
import { Site } from './site.ts'

/** Only against a hang: on a loaded machine a command takes seconds to start. */
const patience = 180_000

let site: Site
let before: string[]
beforeAll(async () => {
  site = await Site.start()
  before = await site.objects()
})
afterAll(() => site?.stop())

describe('[LD-13] what cannot be begun', () => {
  test(
    'a wrong password, an address where nobody is, no password: a sentence each, and exit code 1',
    async () => {
      const [nobody = 0] = await freePorts(1)
      const wrong = site.load(['--as', 'root'], { RINGDOWN_PASSWORD: 'guessed' })
      const agent = site.load(['--as', 'anna'], { RINGDOWN_PASSWORD: 'pw of anna' })
      const away = site.load(['--as', 'root', '--address', `http://127.0.0.1:${nobody}`])
      const missing = site.load(['--as', 'root'], {})
      for (const run of [wrong, agent, away, missing]) expect(await run.ended).toBe(1)
      expect(wrong.err).toContain('The engine does not let root in: the user name or the password is wrong.')
      expect(wrong.err).not.toContain('guessed')
      expect(agent.out).toMatch(/The engine refused to make the agents: .* It takes an administrator\./)
      expect(away.err).toMatch(
        new RegExp(`There is no engine at http://127\\.0\\.0\\.1:${nobody}: connect ECONNREFUSED`),
      )
      expect(missing.err).toContain(
        'The password of root is missing: set RINGDOWN_PASSWORD, or name a file with --password-file',
      )
    },
    patience,
  )

  test(
    '[LD-3] a plan with mistakes: all of them with their lines',
    async () => {
      const plan = site.write(
        'wrong.yaml',
        'as: root\ngroups: [{ name: a, kind: fax, agents: 2 }]\ntalks:\n  - { from: a, to: a, steps: [{ rate: 1, for: 1 }] }\n',
      )
      const run = site.load([plan])
      expect(await run.ended).toBe(1)
      const at = (place: string) => expect.stringContaining(`${plan}:${place}`)
      expect(run.err.trim().split('\n')).toEqual([at('2:'), at('4:')])
    },
    patience,
  )

  test(
    'SIP that is not there ends the run, and its objects are removed',
    async () => {
      const [nobody = 0] = await freePorts(1)
      const plan = site.write(
        'nosip.yaml',
        `as: root\nsip: { address: "127.0.0.1:${nobody}" }\ngroups: [{ name: a, kind: sip-message, agents: 2 }]\ntalks: [{ from: a, to: a, steps: [{ rate: 1, for: 1s }] }]\n`,
      )
      const run = site.load([plan, '--address', site.address, '--quiet'])
      expect(await run.ended).toBe(1)
      expect(run.out).toMatch(
        /Failed: The agent load-[0-9a-f]{6}-\d cannot take part: no answer to REGISTER within 8 s; is SIP spoken at udp 127/,
      )
      expect(await site.objects()).toEqual(before)
    },
    patience,
  )
})
