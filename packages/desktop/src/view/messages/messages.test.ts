import { describe, expect, test } from 'vitest'
import { languageOf, speaker } from '../text.ts'
import { de } from './de.ts'
import { en } from './en.ts'

const filledIn = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

describe('[DT-24] the languages', () => {
  test('have the same keys in the same order', () => {
    expect(Object.keys(de)).toEqual(Object.keys(en))
  })

  test('fill in the same names', () => {
    for (const [key, text] of Object.entries(en))
      expect([key, filledIn(de[key as keyof typeof en])]).toEqual([key, filledIn(text)])
  })

  test('leave nothing empty, and say nothing in the other language', () => {
    const same = Object.entries(en).filter(([key, text]) => de[key as keyof typeof en] === text)
    expect(Object.values({ ...en, ...de }).every((text) => text.trim() !== '')).toBe(true)
    // Names, and what is spelled alike.
    expect(same.map(([key]) => key)).toEqual(['app.name', 'data.key', 'title.unread'])
  })

  test('are chosen by the browser’s first one that is known', () => {
    expect([languageOf(['fr-FR', 'de-AT', 'en']), languageOf(['EN-gb']), languageOf(['fr']), languageOf([])]).toEqual([
      ...['de', 'en', 'en', 'en'],
    ])
  })

  test('what is filled in stands as it came', () => {
    expect(speaker('en')('session.with', { name: '{count} $& <b>' })).toBe('Session with {count} $& <b>')
  })
})
