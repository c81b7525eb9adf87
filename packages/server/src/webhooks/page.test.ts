import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { attemptTable, eventTable } from './page.ts'

const page = readFileSync(new URL('../../WEBHOOKS.md', import.meta.url), 'utf8')

const block = (name: string) =>
  page.match(new RegExp(`<!-- ${name}:begin -->\\n([\\s\\S]*?)\\n?<!-- ${name}:end -->`))?.[1]

test('[WH-53] WEBHOOKS.md lists every type of event', () => expect(block('events')).toBe(eventTable()))

test('[WH-53] WEBHOOKS.md tells when a delivery is tried', () => expect(block('attempts')).toBe(attemptTable()))
