import { expect, test } from 'vitest'
import { numbers } from './numbers.ts'
import { isWeak, people } from './people.ts'
import { contextOf } from './testing/context.ts'

const centre = (parts: { dns?: string; places?: string; logins?: string; persons?: string }, head = '') => `${head}
contactCentres:
  - id: acme
    switches: [{ name: S }]
    dns: [${parts.dns ?? ''}]
    places: [${parts.places ?? ''}]
    agentLogins: [${parts.logins ?? ''}]
    persons: [${parts.persons ?? ''}]
`
const dn = (number: string, options: string, more = '') =>
  `{ number: ${number}, switch: S, ${more} annex: { TServer: { ${options} } } }`
const both = 'sip: { listen: [{ transport: udp }] }\nmsrp: { listen: [{ transport: tcp }] }'
const onlySip = 'sip: { listen: [{ transport: udp }] }'

const looked = async (yaml: string) =>
  (await numbers.look(contextOf(yaml))).map(({ severity, what }) => `${severity}: ${what}`)

test.each([
  [both, dn('7001', 'multimedia: true, sip-signaling-chat: none'), 'P: 7001', []],
  [both, dn('8001', 'multimedia: true, password: long enough'), '', []],
  [
    both,
    dn('7001', 'multimedia: true, sip-signaling-chat: none'),
    '',
    ['problem: DN 7001 of acme carries IM without a device'],
  ],
  [
    both,
    dn('7001', 'multimedia: false, sip-signaling-chat: none'),
    'P: 7001',
    ['note: DN 7001 of acme has an option without effect', 'problem: DN 7001 of acme is at a place and carries no IM'],
  ],
  [
    both,
    dn('7001', 'multimedia: true, sip-signaling-chat: none, password: long'),
    'P: 7001',
    ['note: DN 7001 of acme has a password or contact for a SIP endpoint'],
  ],
  [
    '',
    dn('8001', 'multimedia: true, password: long'),
    '',
    ['problem: DN 8001 of acme has a SIP leg, and there is no SIP listener'],
  ],
  [
    both,
    dn('8001', 'multimedia: true'),
    '',
    ['problem: DN 8001 of acme has a SIP leg and neither password nor contact'],
  ],
  [
    onlySip,
    dn('8001', 'multimedia: true, password: long, sip-signaling-chat: msrp'),
    '',
    ['problem: DN 8001 of acme is reached over MSRP only'],
  ],
  [
    both,
    dn('8001', 'multimedia: true, password: long, auto-answer: true'),
    '',
    ['note: DN 8001 of acme has auto-answer on with a SIP leg'],
  ],
  [
    both,
    dn('8001', 'multimedia: true, password: long, auto-answer: false, auto-answer-delay: 5'),
    '',
    ['note: DN 8001 of acme has an option without effect: auto-answer-delay'],
  ],
  [
    both,
    dn('t', 'multimedia: true, prefix: 9', 'type: Trunk,'),
    '',
    ['problem: DN t of acme is a trunk without a contact'],
  ],
  [
    both,
    dn('t', 'contact: sip:h, prefix: 9', 'type: Trunk,'),
    '',
    ['problem: DN t of acme is a trunk that carries no IM'],
  ],
  [
    both,
    dn('t', 'multimedia: true, sip-signaling-chat: none, contact: sip:h, prefix: 9', 'type: Trunk,'),
    '',
    ['problem: DN t of acme is a trunk with sip-signaling-chat none'],
  ],
])('[DR-11] unusable DNs: %s %s', async (head, dns, places, expected) => {
  const found = await looked(centre({ dns, places: places === '' ? '' : '{ name: P, dns: [7001] }' }, head))
  expect(found.map((text, i) => text.slice(0, expected[i]?.length))).toEqual(expected)
})

test('[DR-11] the same fault of many is told once; a DN at two places is one', async () => {
  const many = Array.from({ length: 8 }, (_, i) => dn(`800${i}`, 'multimedia: true')).join(', ')
  expect(await looked(centre({ dns: many }, both))).toEqual([
    'problem: DNs 8000, 8001, 8002, 8003, 8004 and 3 more of acme: each one has a SIP leg and neither password nor contact, so no endpoint can register and none is reached.',
  ])
})

const persons = async (parts: Parameters<typeof centre>[0]) =>
  (await people.look(contextOf(centre(parts)))).map(({ severity, what }) => `${severity}: ${what}`)
const admin = '{ userName: root, roles: [admin], passwordHash: $scrypt$x }'

test('[DR-12] agents without a place, places without a DN, a place of several', async () => {
  expect(
    await persons({
      dns: dn('7001', 'multimedia: true'),
      places: '{ name: Empty, dns: [] }, { name: P, dns: [7001] }',
      persons: `{ userName: anna, passwordHash: $scrypt$x }, { userName: ben, place: P, passwordHash: $scrypt$x }, { userName: cleo, place: P, passwordHash: $scrypt$x }, ${admin}`,
    }),
  ).toEqual([
    'note: Agent anna of acme has no place, so a login has to name one.',
    'problem: Place Empty of acme has no DN, so nobody can work there.',
    'note: Place P of acme belongs to several agents: one of them at a time can log in there.',
  ])
  expect(await persons({})).toEqual([
    'note: Contact centre acme has no administrator: nobody can open the lab console or ringdown trace.',
  ])
})

test('[DR-12] passwords that are easily found, or stand in the file, and never the password', async () => {
  const found = await persons({
    dns: `${dn('8001', 'multimedia: true, password: 80018001xx')}, ${dn('8002', 'multimedia: true, password: v7-hj2-kq9-mm')}`,
    persons: `{ userName: anna, place: P, password: Passwort123 }, { userName: ben, place: P, password: kz7r-9wnq-bb2m }, ${admin}`,
    places: '{ name: P, dns: [8001] }',
  })
  expect(found).toEqual([
    'note: Place P of acme belongs to several agents: one of them at a time can log in there.',
    expect.stringMatching(/^problem: Person anna of acme has a password that is easily found/),
    'note: Persons anna, ben of acme: each one has a password in the configuration as it is.',
    expect.stringMatching(/^problem: DN 8001 of acme has a SIP password that is easily found/),
  ])
  expect(found.join()).not.toMatch(/Passwort123|kz7r|80018001/)
})

test.each([
  ['short', true],
  ['password2026!', true],
  ['changeme----', true],
  ['anna-and-more-words', true],
  ['aaaaaaaaaaaaaaa', true],
  ['kz7r-9wnq-bb2m', false],
  ['correct horse battery', false],
])('[DR-12] %s is weak: %s', (password, weak) => {
  expect(isWeak(password, 'anna')).toBe(weak)
})
