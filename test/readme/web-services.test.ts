import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blocksWithoutName, deadLinks, PageFolder, readPage } from './page.ts'

const page = readPage('packages/facade/WEB-SERVICES.md')
let folder: PageFolder

beforeAll(async () => {
  folder = new PageFolder()
  await folder.serve()
})
afterAll(() => folder?.close())

describe('the page for clients of Web Services', () => {
  test('plays as it is printed', async () => {
    const { lines } = await folder.run(page, 'web-services')
    const [anna, ben, ...answers] = lines
    expect([anna, ben]).toEqual(['anna', 'ben'])
    const [
      subscribed,
      connected,
      annaIn,
      benIn,
      before,
      initiated,
      said,
      updated,
      deleted,
      second,
      completed,
      heard,
      left,
      out,
    ] = answers.map((line) => JSON.parse(line) as unknown)
    for (const answer of [annaIn, benIn, initiated, said, updated, deleted, completed, out])
      expect(answer).toMatchObject({ statusCode: 0 })
    for (const answer of [subscribed, connected, left]) expect(answer).toMatchObject([{ successful: true }])
    expect(before).toMatchObject([{ data: { messageType: 'DeviceStateChangeMessage' } }, { successful: true }])
    expect(second).toMatchObject({ statusCode: 2, statusMessage: expect.stringContaining('Invalid state') })
    const news = heard as {
      data?: { notificationType?: string; imSession?: { state: string; userData?: unknown }; message?: string }
    }[]
    expect(
      news.flatMap(({ data }) =>
        data ? [[data.notificationType, data.imSession?.state ?? data.message, data.imSession?.userData]] : [],
      ),
    ).toEqual([
      ['StatusChange', 'Alerting', { bestNumber: '3' }],
      ['StatusChange', 'Talking', { bestNumber: '3' }],
      ['NewMessage', 'hi', undefined],
      ['AttachedDataChanged', 'Talking', { bestNumber: '5' }],
      ['AttachedDataChanged', 'Talking', undefined],
      ['StatusChange', 'Completed', undefined],
    ])
  })

  test('has no command that is not run, and leads nowhere in vain', () => {
    expect(blocksWithoutName(page)).toEqual([])
    expect(deadLinks(page, 'packages/facade')).toEqual([])
  })
})
