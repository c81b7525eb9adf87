import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerOf, basic, lab } from '../testing/lab.ts'

type Lab = Awaited<ReturnType<typeof lab>>
let made: Lab
beforeAll(async () => {
  made = await lab()
  await made.as('anna').start()
  await made.as('ben').start()
})
afterAll(() => made.close())

const names = [
  ...['InitiateIMSession', 'SendMessage', 'AttachUserData', 'UpdateUserData', 'DeleteUserData', 'Complete', 'Accept'],
  ...['StartContactCenterSession', 'Ready', 'AfterCallWork', '__proto__', 'toString'],
]
const keys = [
  ...[
    'operationName',
    'destination',
    'phoneNumber',
    'userData',
    'devicePath',
    'text',
    'key',
    'messageId',
    'place',
    'channels',
  ],
  ...[
    'userName',
    'firstName',
    'roles',
    'number',
    'switch',
    'name',
    'DNs',
    'userProperties',
    '__proto__',
    'constructor',
  ],
]
const leaf = fc.oneof(
  fc.constantFrom(...names, '7002', 'SIP_Switch', '/devices/x', ''),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
)
const tree = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 8 })), tie('value'), { maxKeys: 5 }),
  ),
})).value
const operation = fc
  .record({ operationName: fc.constantFrom(...names), rest: fc.dictionary(fc.constantFrom(...keys), tree) })
  .map(({ operationName, rest }) => ({ ...rest, operationName }))
const body = fc.oneof(tree, operation).map((value) => JSON.stringify(value))
const damaged = fc.tuple(body, fc.nat(), fc.string({ maxLength: 3 })).map(([text, at, noise]) => {
  const cut = at % (text.length + 1)
  return text.slice(0, cut) + noise + text.slice(cut + noise.length)
})
const paths = [
  ...['/me', '/me/im-sessions', '/im-sessions/x', '/me/channels/voice', '/users', '/users/x/devices'],
  ...['/platform/configuration/dns', '/platform/configuration/places', '/platform/configuration/persons'],
].map((path) => `/api/v2${path}`)

describe('whatever a client sends', () => {
  test('[WS-1, WS-6, WS-7] a body is carried out or refused in the one form, and nothing breaks inside', async () => {
    const cases = fc.tuple(fc.constantFrom(...paths), fc.constantFrom('anna', 'admin'), fc.oneof(body, damaged))
    await fc.assert(
      fc.asyncProperty(cases, async ([url, user, payload]) => {
        const headers = { ...basic(user), 'content-type': 'application/json' }
        const { http } = answerOf(await made.app.inject({ method: 'POST', url, payload, headers }))
        expect(http).not.toBe(500)
        expect(Object.keys(Object.prototype)).toEqual([])
      }),
      { numRuns: 400, seed: 20_261_120 },
    )
  })

  test('[WS-1, WS-2] a query is answered or refused in the one form', async () => {
    const word = fc.oneof(
      fc.constantFrom('fields', 'subresources', 'after', 'limit', 'state', '*', '__proto__'),
      fc.string({ maxLength: 12 }),
    )
    const query = fc.array(fc.tuple(word, word), { maxLength: 5 })
    const reads = [
      '/me',
      '/me/devices',
      '/me/im-sessions',
      '/features',
      '/im-sessions/x/messages',
      '/users',
      '/platform/configuration/dns',
    ]
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...reads), query, async (path, pairs) => {
        const asked = new URLSearchParams(pairs).toString()
        const reply = await made.app.inject({ url: `/api/v2${path}?${asked}`, headers: basic('admin') })
        expect(answerOf(reply).http).not.toBe(500)
      }),
      { numRuns: 300, seed: 20_261_120 },
    )
  })
})
