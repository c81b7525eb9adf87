import { existsSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { blockOf, blocksOf, blocksWithoutName, deadLinks, PageFolder } from './page.ts'

const page = `# Page

<!-- one:begin -->
\`\`\`bash
npm run -s ringdown version
echo at :8080
\`\`\`
<!-- one:end -->

\`\`\`yaml
a: 1
\`\`\`

\`\`\`sh
rm -rf never-run
\`\`\`

<!-- two:begin -->
\`\`\`bash
sleep 600 & echo $! > pid
cat
false
echo not reached
\`\`\`
<!-- two:end -->

[here](packages/server/SPEC.md#trace), [there](nowhere.md), [far](https://far.example/a.md)
`
const folder = new PageFolder({ 'etc/words.txt': 'some words\n' })
afterAll(() => folder.close())

test('blocks are found with their names, and those without', () => {
  expect(blocksOf(page).map(({ name, language }) => [name, language])).toEqual([
    ['one', 'bash'],
    [undefined, 'yaml'],
    [undefined, 'sh'],
    ['two', 'bash'],
  ])
  expect(blocksWithoutName(page)).toEqual(['rm -rf never-run\n'])
  expect(() => blockOf(page, 'three')).toThrow('nothing is printed between the markers of three')
  expect(() => blocksOf(page.replace('one:end', 'four:end'))).toThrow('the markers one and four stand around one block')
  expect(deadLinks(page, '.')).toEqual(['nowhere.md'])
})

test('a block is run in the folder with what is replaced', async () => {
  const { lines } = await folder.run(page, 'one', { replace: { ':8080': ':1' } })
  expect(lines).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/), 'at :1'])
  expect((await folder.shell('cat etc/words.txt; pwd')).lines).toEqual(['some words', folder.path])
})

test('a command that fails ends a block, and what it left running ends with the folder', async () => {
  await expect(folder.run(page, 'two')).rejects.toThrow('it ended with 1, not 0')
  const { lines, code } = await folder.run(page, 'two', { code: 1, stdin: 'said\n' })
  expect([lines, code]).toEqual([['said'], 1])
  const pid = Number(folder.read('pid'))
  expect(() => process.kill(pid, 0)).not.toThrow()
  const other = new PageFolder()
  await other.close()
  expect(existsSync(other.path)).toBe(false)
})

test('an engine is served for the blocks', async () => {
  const address = await folder.serve()
  const { stdout } = await folder.shell('curl -sS http://127.0.0.1:8080/health/ready')
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(stdout).toContain('ready')
})
