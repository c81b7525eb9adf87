import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { blockOf, main, PageFolder, readPage, root } from './page.ts'

const run = promisify(execFile)
const readme = readPage('README.md')
const folder = new PageFolder()

// What `npm start` runs, in a folder of its own and on a free port.
beforeAll(() => folder.serve())
afterAll(() => folder.close())

describe('the README', () => {
  test('starts with what Ringdown is, then the two commands', () => {
    const [title, , first, second] = readme.split('\n')
    expect(title).toBe('# Ringdown')
    expect(`${first} ${second}`).toMatch(/^Ringdown is a self-hosted instant-messaging engine/)
    expect(readme.indexOf('npm start')).toBeLessThan(readme.indexOf('npm test'))
    expect(readme.slice(0, readme.indexOf('npm test')).split('\n').length).toBeLessThan(10)
  })

  test('has a session that works as it is printed', async () => {
    const answers = (await pasted(readme, 'session')).map((line) => JSON.parse(line) as unknown)
    // Two logins, subscribe and connect, then the session itself.
    expect(answers).toHaveLength(11)
    const [annaIn, benIn, subscribed, connected, initiated, said, heard, replied, completed, ended, transcript] =
      answers
    for (const answer of [annaIn, benIn, initiated, said, replied, completed, transcript])
      expect(answer).toMatchObject({ statusCode: 0 })
    expect(subscribed).toMatchObject([{ channel: '/meta/subscribe', successful: true }])
    expect(connected).toMatchObject([{ channel: '/meta/connect', successful: true }])
    const events = (batch: unknown) =>
      (batch as { channel: string; data?: { imSession?: { state: string }; message?: string } }[])
        .filter(({ channel }) => channel === '/v2/me/im-sessions')
        .map(({ data }) => data?.imSession?.state ?? data?.message)
    expect(events(heard)).toEqual(['Alerting', 'Talking', 'Hello Ben'])
    expect(events(ended)).toEqual(['Hello Anna', 'Completed'])
    expect(transcript).toMatchObject({
      messages: [
        { position: 1, from: '7001', message: 'Hello Ben' },
        { position: 2, from: '7002', message: 'Hello Anna' },
      ],
    })
  })

  test('shows interfaces whose descriptions exist, and the XML one works as its page prints it', async () => {
    const page = readPage('packages/facade/UC-AJAX.md')
    const [initiated, rung, said, left, ended] = await pasted(page, 'uc-ajax')
    expect(initiated).toContain('<initiateImSessionAccepted rid="2" confId="1"/>')
    expect(rung).toMatch(
      /<subject>Plans<\/subject><message><format>text\/plain<\/format><content>Can we talk\?<\/content>/,
    )
    expect(rung).toContain('<imSessionState>connected</imSessionState>')
    for (const answer of [said, left]) expect(answer).toContain('<requestAccepted rid=')
    expect(ended).toMatch(/<messageReceived sender="sip:ben@demo">.*<content>Yes\.<\/content>/)
    expect(ended).toMatch(/<participantRemoved>sip:ben@demo<\/participantRemoved>.*<imSessionState>terminated</)
  })

  test('names commands that exist', async () => {
    const { stdout: help } = await run(process.execPath, [main, '--help'], { cwd: folder.path })
    const named = [...readme.matchAll(/npm run -s ringdown ([a-z-]+)/g)].map((found) => found[1] ?? '')
    expect(named.length).toBeGreaterThan(5)
    for (const command of named) expect(help).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
  })

  test('names files that exist', () => {
    const linked = [...readme.matchAll(/\]\(((?!http)[^)#]+)\)/g)].map((found) => found[1] ?? '')
    const quoted = [...readme.matchAll(/`((?:packages|test|deploy)\/[\w./-]+)`/g)].map((found) => found[1] ?? '')
    expect(linked.length).toBeGreaterThan(3)
    for (const path of [...linked, ...quoted]) expect(existsSync(join(root, path)), path).toBe(true)
  })
})

/** Runs what a page prints between the markers of this name; the lines it writes. */
async function pasted(page: string, name: string): Promise<string[]> {
  expect(blockOf(page, name)).toContain('http://127.0.0.1:8080')
  const { lines, stderr } = await folder.run(page, name)
  expect(stderr).toBe('')
  return [...lines]
}

describe('configurations to start from', () => {
  test.each(['ringdown.yaml', 'sip.yaml'])('deploy/%s is good', async (name) => {
    const env = {
      ...process.env,
      ANNA_PASSWORD: 'one of these',
      BEN_PASSWORD: 'and another',
      ADMIN_PASSWORD: 'a third',
      PHONE_PASSWORD: 'a fourth',
      CLIENT_PASSWORD: 'the last',
    }
    const file = join(root, 'deploy', name)
    const { stdout } = await run(process.execPath, [main, 'check-config', file], { cwd: folder.path, env })
    expect(stdout).toContain('is good')
  })

  test('the README shows a part of deploy/sip.yaml that can be used', () => {
    const shown = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
    const { sip, msrp, contactCentres } = parse(shown)
    expect([sip.listen.length, msrp.listen.length, contactCentres.length]).toEqual([3, 1, 1])
  })
})
