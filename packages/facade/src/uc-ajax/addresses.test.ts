import { buildDirectory, type DirectoryObjects, type DNumber } from '@ringdown/signalling'
import { demoDirectory, demoObjects } from '@ringdown/signalling/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Addresses, type Resolved } from './addresses.ts'

type PersonObject = DirectoryObjects['persons'][number]

const objects = demoObjects()
const more: readonly PersonObject[] = [
  { userName: 'Carla', firstName: 'Carla', annex: { 'uc-ajax': { uri: 'Carla.Diaz@Corp.Example' } } },
  { userName: 'dora@corp.example', lastName: 'Evans', emailAddress: 'dora.evans@mail.example' },
  { userName: 'emil f', emailAddress: 'shared@mail.example' },
  { userName: 'emil', emailAddress: 'Shared@Mail.Example' },
  { userName: 'fritz', annex: { 'uc-ajax': { uri: 'not a uri' } }, emailAddress: 'carla.diaz@corp.example' },
  { userName: 'gina', place: 'Mixed' },
  { userName: '7001x' },
]
const directory = demoDirectory({
  ...objects,
  dns: [
    ...objects.dns,
    { number: '7100', switch: 'SIP_Switch' },
    { number: '7101', switch: 'SIP_Switch', annex: { TServer: { multimedia: 'true' } } },
  ],
  places: [...objects.places, { name: 'Mixed', dns: ['7100', '7101'] }],
  persons: [...objects.persons, ...more],
})
const centre = { id: 'demo', directory: () => directory }
const byUser = new Addresses(centre, { domain: null, persons: 'user' })
const byNumber = new Addresses(centre, { domain: 'IM.example', persons: 'number' })

function person(userName: string) {
  const found = directory.personsByUserName.get(userName)
  if (!found) throw new Error(`there is no ${userName}`)
  return found
}
const brief = (found: Resolved) => {
  switch (found.found) {
    case 'person':
      return `person ${found.person.userName} ${found.uri}`
    case 'number':
      return `number ${found.dn} ${found.uri}`
    case 'foreign':
      return `foreign ${found.uri}`
    case 'invalid':
      return 'invalid'
  }
}

describe('URIs given out', () => {
  test.each([
    ['anna', 'sip:anna@demo', 'sip:7001@IM.example'],
    ['Carla', 'sip:Carla.Diaz@corp.example', 'sip:Carla.Diaz@corp.example'],
    ['dora@corp.example', 'sip:dora@corp.example', 'sip:dora@corp.example'],
    ['emil f', 'sip:emil%20f@demo', 'sip:emil%20f@IM.example'],
    ['fritz', 'sip:fritz@demo', 'sip:fritz@IM.example'],
    // The first of the place's DNs that carries IM.
    ['gina', 'sip:gina@demo', 'sip:7101@IM.example'],
  ])('[UC-35] %s is %s, by number %s', (userName, user, number) => {
    expect(byUser.ofPerson(person(userName))).toBe(user)
    expect(byNumber.ofPerson(person(userName))).toBe(number)
  })

  test('[UC-35] parties are persons where it is known who, else numbers', () => {
    const at = '7001' as DNumber
    expect(byUser.participant(at)).toEqual({ uri: 'sip:7001@demo', name: '7001' })
    expect(byUser.participant(at, person('ben').id)).toEqual({ uri: 'sip:ben@demo', name: 'Ben Clarke' })
    expect(byNumber.participant(at, person('ben').id)).toEqual({ uri: 'sip:7001@IM.example', name: 'Ben Clarke' })
    expect(byUser.participant(at, person('emil').id)).toEqual({ uri: 'sip:emil@demo', name: 'emil' })
    expect(byUser.participant(at, person('dora@corp.example').id).name).toBe('Evans')
    expect(byUser.participant(at, 'gone' as never)).toEqual({ uri: 'sip:7001@demo', name: '7001' })
    expect(byUser.participant('\ud800' as DNumber).uri).toBe('sip:%EF%BF%BD@demo')
    expect(byUser.participant('+4930;x@y' as DNumber).uri).toBe('sip:+4930%3Bx%40y@demo')
  })
})

describe('URIs that clients write', () => {
  test.each([
    ['sip:anna@demo', 'person anna sip:anna@demo'],
    ['  sip:anna@demo\n', 'person anna sip:anna@demo'],
    ['SIPS:anna@DEMO:5061;transport=tls?a=b', 'person anna sip:anna@demo'],
    ['anna@demo', 'person anna sip:anna@demo'],
    ['anna', 'person anna sip:anna@demo'],
    ['sip:anna', 'person anna sip:anna@demo'],
    ['sip:ANNA@demo', 'person anna sip:anna@demo'],
    ['sip:%61nn%61@demo', 'person anna sip:anna@demo'],
    ['sip:carla.diaz@CORP.example', 'person Carla sip:Carla.Diaz@corp.example'],
    ['sip:carla@demo', 'person Carla sip:Carla.Diaz@corp.example'],
    ['dora.EVANS@mail.example', 'person dora@corp.example sip:dora@corp.example'],
    ['sip:dora@corp.example', 'person dora@corp.example sip:dora@corp.example'],
    ['sip:dora%40corp.example@demo', 'person dora@corp.example sip:dora@corp.example'],
    ['sip:emil%20f@demo', 'person emil f sip:emil%20f@demo'],
    ['sip:EMIL@demo', 'person emil sip:emil@demo'],
    ['shared@mail.example', 'foreign sip:shared@mail.example'],
    ['sip:7001@demo', 'number 7001 sip:7001@demo'],
    ['7001', 'number 7001 sip:7001@demo'],
    ['sip:7001;phone-context=x@demo;user=phone', 'number 7001 sip:7001@demo'],
    ['sip:+4930123@demo;user=phone', 'number +4930123 sip:+4930123@demo'],
    ['sip:7001x@demo', 'person 7001x sip:7001x@demo'],
    ['sip:nobody@demo', 'number nobody sip:nobody@demo'],
    ['sip:n%C3%B6body@demo', 'foreign sip:n%C3%B6body@demo'],
    [`sip:${'1'.repeat(65)}@demo`, `foreign sip:${'1'.repeat(65)}@demo`],
    ['sip:anna@demo.example', 'foreign sip:anna@demo.example'],
    ['sip:Zoe@Else.Example:5070;x', 'foreign sip:Zoe@else.example'],
    ['sip:zoe@[2001:db8::1]', 'foreign sip:zoe@[2001:db8::1]'],
    ['sip:anna@demo;gruu;opaque=app:conf:focus:id:X1', 'foreign sip:anna@demo'],
    ['', 'invalid'],
    ['   ', 'invalid'],
    ['sip:', 'invalid'],
    ['sip:@demo', 'invalid'],
    ['sip:anna@', 'invalid'],
    ['sip:anna@de mo', 'invalid'],
    ['sip:an na@demo', 'invalid'],
    ['sip:%zz@demo', 'invalid'],
    ['<sip:anna@demo>', 'invalid'],
    ['mailto:anna@demo', 'invalid'],
    ['tel:+4930123', 'invalid'],
    ['http://demo/anna', 'invalid'],
    [`sip:anna@demo;${'x'.repeat(512)}`, 'invalid'],
  ])('[UC-36] %j: %s', (uri, found) => {
    expect(brief(byUser.resolve(uri))).toBe(found)
  })

  test('[UC-36] the domain may be another than the id', () => {
    expect(brief(byNumber.resolve('sip:ben@im.EXAMPLE'))).toBe('person ben sip:7002@IM.example')
    expect(brief(byNumber.resolve('sip:ben@demo'))).toBe('foreign sip:ben@demo')
  })

  test('[UC-36] a reload takes effect at once', () => {
    let now = demoDirectory()
    const addresses = new Addresses({ id: 'demo', directory: () => now }, { domain: null, persons: 'user' })
    expect(addresses.resolve('ANNA').found).toBe('person')
    now = demoDirectory({ ...objects, persons: objects.persons.filter(({ userName }) => userName !== 'anna') })
    expect(addresses.resolve('ANNA').found).toBe('number')
  })

  test('[UC-36] whatever is written, there is an answer; what is shown leads to where it came from', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.stringMatching(/^(sips?:)?[a-z@:;?%0-9.[\]=&]{0,24}$/),
      fc.string({ maxLength: 10 }).map((name) => `sip:${name}@demo`),
    )
    fc.assert(
      fc.property(text, (written) => {
        const found = byUser.resolve(written)
        if (found.found === 'invalid') return
        const again = byUser.resolve(found.uri)
        expect(again.found === 'invalid' ? again : { ...again, uri: found.uri }).toEqual(found)
      }),
      { seed: 5, numRuns: 3_000 },
    )
  })

  test('[UC-35, UC-36] every user name makes a URI that leads to its person', () => {
    const names = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { maxLength: 5 })
    let tried = 0
    fc.assert(
      fc.property(names, (userNames) => {
        const built = buildDirectory({ ...objects, persons: userNames.map((userName) => ({ userName })) })
        if ('problems' in built) return
        const addresses = new Addresses(
          { id: 'demo', directory: () => built.directory },
          { domain: null, persons: 'user' },
        )
        for (const one of built.directory.persons.values()) {
          expect(addresses.resolve(addresses.ofPerson(one))).toMatchObject({ found: 'person', person: one })
          tried++
        }
      }),
      { seed: 6, numRuns: 500 },
    )
    expect(tried).toBeGreaterThan(300)
  })
})
