import { expect, test } from 'vitest'
import { labDe } from './de.ts'
import { labEn } from './en.ts'

const filledIn = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()
const keys = Object.keys(labEn) as (keyof typeof labEn)[]

test('[DT-24] the console’s languages have the same keys in the same order, and fill in the same names', () => {
  expect(Object.keys(labDe)).toEqual(keys)
  for (const key of keys) expect([key, filledIn(labDe[key])]).toEqual([key, filledIn(labEn[key])])
})

test('[DT-24] the console says nothing in the other language', () => {
  expect([...Object.values(labEn), ...Object.values(labDe)].every((text) => text.trim() !== '')).toBe(true)
  const same = keys.filter((key) => labDe[key] === labEn[key])
  // Names, abbreviations, a word that both have, and what holds nothing but what is filled in.
  const alike = ['REST', 'SIP', 'MSRP', 'CometD', 'UC AJAX', 'pcap', 'SVG', 'JSON', 'API', 'Version']
  const onlyFilledIn = (text: string) => !/\p{L}/u.test(text.replace(/\{\w+\}/g, ''))
  expect(same.filter((key) => !alike.includes(labEn[key]) && !onlyFilledIn(labEn[key]))).toEqual([])
})
