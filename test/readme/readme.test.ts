import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const main = join(root, 'packages/server/src/main.ts')

let engine: ChildProcess
let folder: string
let port: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringdown-readme-'))
  // What `npm start` runs, in a folder of its own and on a free port.
  engine = spawn(process.execPath, [main, 'serve', '--port', '0'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  port = await new Promise<string>((resolve, reject) => {
    let said = ''
    engine.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const found = /at http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    })
    engine.once('exit', (code) => reject(new Error(`the engine ended with ${code}: ${said}`)))
  })
})

afterAll(async () => {
  const ended = new Promise((resolve) => engine.once('exit', resolve))
  engine.kill('SIGTERM')
  await ended
  rmSync(folder, { recursive: true, force: true })
})

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
    const page = readFileSync(join(root, 'packages/facade/UC-AJAX.md'), 'utf8')
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
    const { stdout: help } = await run(process.execPath, [main, '--help'], { cwd: folder })
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
  const marked = new RegExp(`<!-- ${name}:begin -->\\s*\`\`\`bash\\n([\\s\\S]*?)\`\`\`\\s*<!-- ${name}:end -->`)
  const script = marked.exec(page)?.[1]
  if (script === undefined) throw new Error(`nothing is printed between the markers of ${name}`)
  expect(script).toContain('http://127.0.0.1:8080')
  const { stdout, stderr } = await run('bash', ['-c', script.replaceAll(':8080', `:${port}`)], { cwd: folder })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((line) => line !== '')
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
    const { stdout } = await run(process.execPath, [main, 'check-config', file], { cwd: folder, env })
    expect(stdout).toContain('is good')
  })

  test('the README shows a part of deploy/sip.yaml that can be used', () => {
    const shown = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
    const { sip, msrp, contactCentres } = parse(shown)
    expect([sip.listen.length, msrp.listen.length, contactCentres.length]).toEqual([3, 1, 1])
  })
})
