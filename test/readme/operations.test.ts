import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blocksWithoutName, deadLinks, PageFolder, readPage } from './page.ts'

const page = readPage('packages/server/OPERATIONS.md')
let folder: PageFolder
let port = ''

beforeAll(async () => {
  folder = new PageFolder()
  port = new URL(await folder.serve()).port
})
afterAll(() => folder?.close())

describe('the page for operators', () => {
  test('looks at a server as it is printed', async () => {
    const { lines, stdout } = await folder.run(page, 'operations-look', {
      replace: { 'ringdown ready': `ringdown ready --port ${port}` },
    })
    expect(lines).toContain('ready')
    expect(lines).toContain('no living sessions')
    expect(stdout).toMatch(/ringdown_sessions\{centre="demo",state="talking"\} 0/)
    expect(stdout).toMatch(/open files/)
  })

  test('leads nowhere in vain', () => {
    expect(deadLinks(page, 'packages/server')).toEqual([])
    expect(blocksWithoutName(page)).toEqual([])
  })
})
