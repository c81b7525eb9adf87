import type { DirectoryObjects, DNumber, SessionStore } from '@ringdown/signalling'
import { demoDirectory, demoObjects, ManualClock, memoryStore } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { registrationPage } from './registrations.ts'

function bench(dns: number) {
  const clock = new ManualClock()
  const store = memoryStore({ epoch: 'e', feedLimit: 100, clock })
  const annex = { TServer: { multimedia: 'true' } }
  const number = (i: number) => String(10_000 + i) as DNumber
  const objects: DirectoryObjects = {
    ...demoObjects(),
    dns: [
      ...demoObjects().dns,
      ...Array.from({ length: dns }, (_, i) => ({
        number: number(i),
        type: 'Extension',
        switch: 'SIP_Switch',
        annex,
      })),
    ],
  }
  const directory = demoDirectory(objects)
  let reads = 0
  const counting: Pick<SessionStore, 'read'> = {
    read: (asked) => {
      reads++
      return store.read(asked)
    },
  }
  const register = (i: number, ...sources: [address: string, expires: number][]) =>
    store.commit({
      expect: [{ kind: 'registration', id: number(i), version: 0 }],
      put: [
        {
          kind: 'registration',
          id: number(i),
          value: {
            bindings: sources.map(([address, expires]) => ({
              contact: `sip:${number(i)}@${address}`,
              expires: clock.now() + expires,
              updated: clock.now(),
              callID: 'c',
              cseq: 1,
              source: { transport: 'tcp', address, port: 5060 },
              node: 'n1~1',
              bound: true,
              userAgent: 'phone',
            })),
          },
        },
      ],
      claims: [],
      feeds: [],
      timers: { set: [], cancel: [] },
    })
  const centre = { directory: () => directory, store: counting as SessionStore }
  const page = (after: string | undefined, limit: number) => registrationPage(centre, clock, after, limit)
  return { clock, register, page, number, reads: () => reads }
}

test('[SV-63] what is registered now is listed by DN, with where it came from', async () => {
  const { clock, register, page, number } = bench(3)
  const at = clock.now()
  await register(1, ['192.0.2.1', 1_000], ['2001:db8::1', 9_000])
  const entry = { dn: number(1), transport: 'tcp', flow: true, userAgent: 'phone' }
  expect(await page(undefined, 10)).toEqual({
    items: [
      { ...entry, contact: 'sip:10001@192.0.2.1', remote: '192.0.2.1:5060', expires: at + 1_000 },
      { ...entry, contact: 'sip:10001@2001:db8::1', remote: '[2001:db8::1]:5060', expires: at + 9_000 },
    ],
  })
  clock.advance(1_000)
  expect((await page(undefined, 10)).items).toHaveLength(1)
})

test('[SV-63] a page ends with a DN, and the next begins behind it', async () => {
  const { register, page, number } = bench(450)
  for (const i of [5, 6, 250, 449]) await register(i, ['192.0.2.1', 1_000], ['192.0.2.2', 1_000])
  const first = await page(undefined, 3)
  expect(first.items.map(({ dn }) => dn)).toEqual([5, 5, 6, 6].map(number))
  expect(first.next).toBe(number(6))
  const second = await page(first.next, 3)
  expect(second.items.map(({ dn }) => dn)).toEqual([250, 250, 449, 449].map(number))
  // DNs of the demonstration come behind it.
  expect(await page(second.next, 3)).toEqual({ items: [] })
  expect(await page('99999', 3)).toEqual({ items: [] })
})

test('[SV-63] where few are registered a page looks at 1 000 DNs and says where to go on', async () => {
  const { register, page, number, reads } = bench(2_500)
  await register(2_400, ['192.0.2.1', 1_000])
  const seen: unknown[] = []
  let pages = 0
  for (let after: string | undefined; ; pages++) {
    const { items, next } = await page(after, 50)
    seen.push(...items.map(({ dn }) => dn))
    if (next === undefined) break
    after = next
  }
  expect(seen).toEqual([number(2_400)])
  expect(pages).toBe(2)
  expect(reads()).toBe(13)
})
