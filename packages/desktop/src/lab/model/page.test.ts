import { describe, expect, test } from 'vitest'
import { type LabPage, mainPage, mainPages, pathOf, readPage } from './page.ts'

const read = (path: string) => {
  const { pathname, search } = new URL(path, 'http://im')
  return readPage(pathname, search)
}

describe('[DT-42] the address of a page', () => {
  const pages: readonly LabPage[] = [
    ...mainPages.map(mainPage),
    { page: 'agents', search: 'ä & b' },
    { page: 'dns', search: '70', dn: '7001' },
    { page: 'ladder', id: 'S/1', kinds: null, search: '', entry: null },
    { page: 'ladder', id: 'S', kinds: ['sip', 'msrp'], search: 'INVITE sip:8001', entry: 'a:12' },
    { page: 'ladder', id: 'S', kinds: [], search: '', entry: null },
  ]
  test.for(pages)('leads back to it: %j', (page) => {
    expect(read(pathOf(page))).toEqual(page)
  })

  test('of no page leads to the sessions', () => {
    for (const path of ['/lab', '/lab/', '/lab/nothing', '/lab/sessions', '/lab/sessions/'])
      expect(read(path)).toEqual({ page: 'sessions' })
  })

  test('knows no kinds that there are not', () => {
    expect(read('/lab/sessions/S?kinds=sip,smoke')).toMatchObject({ kinds: ['sip'] })
  })

  test('that is badly encoded is taken as it stands', () => {
    expect(readPage('/lab/sessions/%E0%A4%A', '')).toMatchObject({ page: 'ladder', id: '%E0%A4%A' })
  })
})
