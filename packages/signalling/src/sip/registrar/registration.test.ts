import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Binding } from '../../tserver/registration.ts'
import { type ContactInput, destinationOf, reachable, register } from './registration.ts'

const now = 1_000_000
const limits = { bindings: 10 }
const source = { transport: 'udp', address: '203.0.113.5', port: 40_000 } as const
const common = { callID: 'c', cseq: 1, node: 'a', source }

describe('destinationOf', () => {
  const binding = (over: Partial<Binding>): Binding => ({
    contact: 'sip:7001@203.0.113.5:5060',
    expires: now,
    updated: now,
    ...common,
    ...over,
  })
  const here = { node: 'a', hasFlow: (flow: string) => flow === 'open' }
  const tcp = { ...source, transport: 'tcp' } as const

  test.each([
    ['its Contact', {}, {}],
    ['its Path', { path: ['<sip:p;lr>'], contact: 'sip:7001@10.0.0.1', proxied: true }, { route: ['<sip:p;lr>'] }],
    ['an open flow', { source: tcp, flow: 'open' }, { flow: 'open' }],
    ['a Contact whose flow is closed', { source: tcp, flow: 'closed' }, {}],
    ["a Contact whose flow is another node's", { source: tcp, flow: 'open', node: 'b' }, {}],
    ['a flow it is bound to, open or not', { source: tcp, flow: 'closed', bound: true }, { flow: 'closed' }],
    [
      'where it came from, for a client behind a NAT',
      { contact: 'sip:7001@10.0.0.1' },
      { route: ['<sip:203.0.113.5:40000;transport=udp;lr>'] },
    ],
    [
      'an IPv6 source',
      { contact: 'sip:7001@[fd00::1]', source: { ...source, address: '2001:db8::5' } },
      { route: ['<sip:[2001:db8::5]:40000;transport=udp;lr>'] },
    ],
    ['an IPv6 Contact', { contact: 'sip:7001@[2001:DB8:0::5]', source: { ...source, address: '2001:db8::5' } }, {}],
    ['a name', { contact: 'sip:7001@phone.example' }, {}],
    ['a Contact behind a proxy', { contact: 'sip:7001@10.0.0.1', proxied: true }, {}],
    ['another address over TCP', { contact: 'sip:7001@10.0.0.1', source: tcp }, {}],
  ] as const)('[SR-34] a request goes to %s', (_, over, expected) => {
    const found = binding(over)
    expect(destinationOf(found, here)).toEqual({ uri: found.contact, ...expected })
  })
})

describe('register', () => {
  const contacts = fc.array(
    fc.record({
      contact: fc.constantFrom('sip:1@192.0.2.1', 'sip:2@192.0.2.1', 'sip:3@192.0.2.1', 'sip:4@192.0.2.1'),
      expiresIn: fc.constantFrom(0, 60, 3600),
    }),
    { minLength: 1, maxLength: 3 },
  )
  const step = fc.record({
    contacts: fc.oneof({ weight: 9, arbitrary: contacts }, { weight: 1, arbitrary: fc.constant('*' as const) }),
    callID: fc.constantFrom('c', 'd'),
    cseq: fc.integer({ min: 1, max: 20 }),
    after: fc.integer({ min: 0, max: 100_000 }),
  })

  test('[SR-21] [SR-24] whatever comes in whatever order: nothing older wins, nothing is half done', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let bindings: readonly Binding[] = []
        let time = now
        for (const { contacts, callID, cseq, after } of steps) {
          time += after
          const input = { contacts, common: { ...common, callID, cseq } }
          const outcome = register({ bindings }, input, time, limits)
          const alive = bindings.filter(({ expires }) => expires > time)
          const named = alive.filter(
            ({ contact }) => contacts === '*' || contacts.some((other) => other.contact === contact),
          )
          const late = named.some((binding) => binding.callID === callID && binding.cseq >= cseq)
          const twice = contacts !== '*' && repeats(contacts)
          if ('refused' in outcome) {
            expect(late || twice).toBe(true)
            continue
          }
          expect(late).toBe(false)
          const wanted = contacts === '*' ? [] : contacts.filter(({ expiresIn }) => expiresIn > 0)
          const kept = alive.filter((binding) => !named.includes(binding))
          const result = new Set(outcome.registration.bindings.map(({ contact }) => contact))
          if (!twice) expect(result).toEqual(new Set([...kept, ...wanted].map(({ contact }) => contact)))
          expect(result.size).toBe(outcome.registration.bindings.length)
          bindings = outcome.registration.bindings
        }
        const listed = reachable({ bindings }, time)
        expect(listed.every(({ expires }) => expires > time)).toBe(true)
      }),
      { seed: 10, numRuns: 500 },
    )
  })
})

function repeats(contacts: readonly Pick<ContactInput, 'contact'>[]): boolean {
  return new Set(contacts.map(({ contact }) => contact)).size < contacts.length
}
