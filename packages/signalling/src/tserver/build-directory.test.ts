import { describe, expect, test } from 'vitest'
import { demoDirectory, demoObjects } from '../testing/demo-objects.ts'
import { buildDirectory } from './build-directory.ts'
import {
  applyStored,
  type DirectoryObjects,
  derivePersonID,
  objectDBIDs,
  removedObject,
  toObjects,
} from './directory-objects.ts'
import type { DNumber } from './ids.ts'

const demo = demoObjects()

function problemsOf(change: Partial<DirectoryObjects>) {
  const built = buildDirectory({ ...demo, ...change })
  return 'problems' in built ? built.problems.map(({ path, message }) => `${path.join('.')}: ${message}`) : []
}

describe('buildDirectory', () => {
  test('[DN-9] builds what the objects say', () => {
    const directory = demoDirectory()
    expect(directory.places.get('Place_7001')).toEqual({ name: 'Place_7001', dns: ['7001'] })
    expect([...directory.dns.values()].map(({ number, type }) => [number, type])).toEqual([
      ['7001', 'Extension'],
      ['7002', 'Extension'],
    ])
    const anna = directory.personsByUserName.get('anna')
    expect(anna).toMatchObject({ roles: ['agent'], enabled: true, place: 'Place_7001', agentLogins: ['5001'] })
    expect(directory.persons.get(anna?.id as never)).toBe(anna)
  })

  test('[DN-12] defaults: the documented user data limit, 16 KiB of text, 24 hours, instant messaging on', () => {
    const directory = demoDirectory()
    expect(directory.options).toEqual({ userDataLimit: 16_000, textLimit: 16_384, retentionMs: 86_400_000 })
    expect(directory.features.has('api-voice-instant-messaging')).toBe(true)
    expect(demoDirectory({ ...demo, features: [] }).features.size).toBe(0)
  })

  test.each([
    [{ userDataLimit: 65_536 }, 'options.userDataLimit: option userDataLimit must be a whole number from 1 to 65535'],
    [{ textLimit: 0 }, 'options.textLimit: option textLimit must be a whole number from 1 to 65535'],
    [{ retentionMs: 1.5 }, 'options.retentionMs: option retentionMs must be a whole number from 1000 to 31622400000'],
  ])('[DN-12] options %j are refused', (options, problem) => {
    expect(problemsOf({ options })).toEqual([problem])
  })

  test.each(['', '{demo}', 'a b', '-x', 'x'.repeat(64)])('[DN-8] contact centre id %j is refused', (id) => {
    expect(problemsOf({ id })).toHaveLength(1)
  })

  test('[DN-8] names that cannot travel in URLs and logs are refused', () => {
    expect(problemsOf({ switches: [{ name: 'SIP_Switch' }, { name: '' }, { name: 'a\nb' }, { name: ' x' }] })).toEqual([
      'switches.1: a switch must not be empty',
      'switches.2: switch "a\\nb" has control characters or blank ends',
      'switches.3: switch " x" has control characters or blank ends',
    ])
    expect(problemsOf({ dns: [...demo.dns, { number: '70 03', switch: 'SIP_Switch' }] })).toEqual([
      'dns.2.number: DN "70 03" has blanks',
    ])
    expect(problemsOf({ persons: [{ userName: 'a:b' }] })).toEqual([
      'persons.0.userName: person a:b: a user name cannot hold a colon',
    ])
  })

  test('[DN-9] every reference to nothing is told, all at once', () => {
    expect(
      problemsOf({
        dns: [...demo.dns, { number: '7003', switch: 'Nowhere' }],
        places: [...demo.places, { name: 'Place_7003', dns: ['7003', '7999'] }],
        agentLogins: [...demo.agentLogins, { code: '5003', switch: 'Nowhere' }],
        persons: [...demo.persons, { userName: 'cleo', place: 'Place_9', agentLogins: ['5003', '5999'] }],
      }),
    ).toEqual([
      "dns.2.switch: DN 7003: there is no switch 'Nowhere'",
      "places.2.dns.1: place Place_7003: there is no DN '7999'",
      "agentLogins.2.switch: agent login 5003: there is no switch 'Nowhere'",
      "persons.3.place: person cleo: there is no place 'Place_9'",
      "persons.3.agentLogins.1: person cleo: there is no agent login '5999'",
    ])
  })

  test('[DN-9] a thing that is there twice is refused', () => {
    expect(
      problemsOf({
        switches: [...demo.switches, { name: 'SIP_Switch' }],
        dns: [...demo.dns, { number: '7001', switch: 'SIP_Switch' }],
        places: [...demo.places, { name: 'Place_7001', dns: [] }],
        agentLogins: [...demo.agentLogins, { code: '5001', switch: 'SIP_Switch' }],
        persons: [...demo.persons, { userName: 'Anna' }],
      }),
    ).toEqual([
      'switches.1: switch SIP_Switch is there twice',
      'dns.2: DN 7001 is there twice',
      'places.2: place Place_7001 is there twice',
      'agentLogins.2: agent login 5001 is there twice',
      'persons.3.userName: person Anna is there twice',
    ])
  })

  test('[DN-10] a DN is at one place, once, and is one a person can work at', () => {
    expect(
      problemsOf({
        dns: [...demo.dns, { number: 'out', type: 'Trunk', switch: 'SIP_Switch' }],
        places: [...demo.places, { name: 'Third', dns: ['7001', 'out'] }, { name: 'Fourth', dns: [] }],
      }),
    ).toEqual([
      'places.2.dns.0: place Third: DN 7001 is already at place Place_7001',
      'places.2.dns.1: place Third: DN out is of type Trunk, which cannot be at a place',
    ])
    expect(
      problemsOf({
        places: [
          { name: 'Place_7001', dns: ['7001', '7001'] },
          { name: 'Place_7002', dns: [] },
        ],
      }),
    ).toEqual(['places.0.dns.1: place Place_7001: DN 7001 is there twice'])
  })

  test('[DN-9] a DN type this engine does not know is refused with the ones it knows', () => {
    const [problem] = problemsOf({ dns: [...demo.dns, { number: '7003', type: 'toString', switch: 'SIP_Switch' }] })
    expect(problem).toBe(
      "dns.2.type: DN 7003: type 'toString' is not one of 'Extension', 'ACD Position', 'Routing Point', 'Trunk', 'Voice over IP Service'",
    )
  })

  test('[DN-7] problems and warnings of an Annex carry the path to the option', () => {
    const annex = { TServer: { multimedia: 'maybe', 'sip-signalling-chat': 'none' } }
    const built = buildDirectory({ ...demo, dns: [...demo.dns, { number: '7003', switch: 'SIP_Switch', annex }] })
    expect(built).toMatchObject({
      problems: [{ path: ['dns', 2, 'annex', 'TServer', 'multimedia'] }],
      warnings: [{ path: ['dns', 2, 'annex', 'TServer', 'sip-signalling-chat'] }, {}],
    })
  })

  test('[DN-11] persons: ids, roles, logins that belong to one person, and hashes that are hashes', () => {
    expect(
      problemsOf({
        persons: [
          { userName: 'anna', agentLogins: ['5001'] },
          { userName: 'ben', agentLogins: ['5001'], id: 'NOT-HEX' },
          { userName: 'cleo', roles: ['king'], passwordHash: 'hunter2' },
          { userName: 'dora', roles: [] },
          { userName: 'eve', id: derivePersonID('demo', 'anna') },
        ],
      }),
    ).toEqual([
      "persons.1.id: person ben: id 'NOT-HEX' must be 32 lower-case hex digits",
      'persons.1.agentLogins.0: person ben: agent login 5001 already belongs to anna',
      "persons.2.roles.0: person cleo: role 'king' is not one of agent, supervisor, admin, apiuser",
      'persons.2.passwordHash: person cleo: passwordHash is not a $scrypt$ string',
      'persons.3.roles: person dora has no role',
      `persons.4.id: person eve: id ${derivePersonID('demo', 'anna')} belongs to somebody else`,
    ])
  })
})

describe('ids', () => {
  test('[DN-13] a derived person id is 32 hex digits, the same each time, and depends on centre and user name', () => {
    const ids = ['anna', 'ben', 'annb', ''].flatMap((name) => ['demo', 'other'].map((cc) => derivePersonID(cc, name)))
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(new Set(ids).size).toBe(ids.length)
    expect(derivePersonID('demo', 'anna')).toBe(ids[0])
    // Changing the algorithm would orphan every feed: the value is pinned.
    expect(derivePersonID('demo', 'anna')).toBe('ab09f819f89030ead56a52f324487c36')
  })

  test('[DN-13] ten thousand names have ten thousand ids', () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `agent${i}`)
    expect(new Set(names.map((name) => derivePersonID('demo', name))).size).toBe(10_000)
    const dbids = [...objectDBIDs('person', names).values()]
    expect(new Set(dbids).size).toBe(10_000)
    expect(dbids.every((id) => Number.isInteger(id) && id > 0 && id < 2 ** 31)).toBe(true)
  })

  test('[DN-13] database ids do not depend on the order the objects come in', () => {
    expect(objectDBIDs('dn', ['7001', '7002'])).toEqual(new Map([...objectDBIDs('dn', ['7002', '7001'])].reverse()))
  })
})

describe('changes through the API', () => {
  test('[DN-14] a directory and its objects describe each other', () => {
    const directory = demoDirectory(demoObjects({ anna: '$scrypt$x' }))
    expect(demoDirectory(toObjects(directory))).toEqual(directory)
  })

  test('[DN-14] a stored object replaces, adds or takes away', () => {
    const anna = derivePersonID('demo', 'anna')
    const objects = applyStored(demo, [
      { kind: 'dn', id: '7003', value: { number: '7003', switch: 'SIP_Switch' } },
      { kind: 'place', id: 'Place_7001', value: { name: 'Place_7001', dns: ['7001', '7003'] } },
      { kind: 'person', id: anna, value: { id: anna, userName: 'anna', lastName: 'Berg-Lund' } },
      { kind: 'person', id: derivePersonID('demo', 'ben'), value: removedObject },
      { kind: 'agentLogin', id: '5002', value: null },
      { kind: 'something newer', id: 'x', value: {} },
    ])
    const directory = demoDirectory(objects)
    expect([...directory.dns.keys()]).toEqual(['7001', '7002', '7003'])
    expect(directory.places.get('Place_7001')?.dns).toEqual(['7001', '7003'])
    expect([...directory.personsByUserName.keys()]).toEqual(['anna', 'admin'])
    expect(directory.personsByUserName.get('anna')?.lastName).toBe('Berg-Lund')
    expect([...directory.agentLogins.keys()]).toEqual(['5001'])
  })

  test('[DN-18] a bundle adds its objects and takes them away again, and touches no other', () => {
    const bundle = {
      switches: [{ name: 'L' }],
      dns: [
        { number: '7001', switch: 'L' },
        { number: 'l1', switch: 'L' },
        { number: 'l2', switch: 'L' },
        { number: 'l3', switch: 'L' },
      ],
      places: [{ name: 'l1', dns: ['l1'] }],
      persons: [{ userName: 'l1', place: 'l1', agentLogins: ['l1'] }],
      agentLogins: [{ code: 'l1', switch: 'L' }],
    }
    const stored = [
      { kind: 'bundle', id: 'l', value: bundle },
      { kind: 'dn', id: 'l2', value: removedObject },
      { kind: 'dn', id: 'l3', value: { number: 'l3', type: 'ACD Position', switch: 'L' } },
    ]
    const directory = demoDirectory(applyStored(demo, stored))
    expect([...directory.dns.keys()]).toEqual(['7001', '7002', 'l3', 'l1'])
    expect([directory.dns.get('7001' as DNumber)?.switch, directory.dns.get('l3' as DNumber)?.type]).toEqual([
      'SIP_Switch',
      'ACD Position',
    ])
    expect(directory.personsByUserName.get('l1')).toMatchObject({ place: 'l1', agentLogins: ['l1'] })
    // Laid over a directory that has them already, as a node does that checks a change, they are not there twice.
    expect(demoDirectory(applyStored(toObjects(directory), stored))).toEqual(directory)
    for (const value of [null, removedObject])
      expect(applyStored(demo, [{ kind: 'bundle', id: 'l', value }])).toEqual(applyStored(demo, []))
  })

  test('[DN-14] laying changes over the file hides no mistake of the file', () => {
    const twice = { ...demo, dns: [...demo.dns, ...demo.dns.slice(0, 1).map((dn) => ({ ...dn }))] }
    expect(buildDirectory(applyStored(twice, []))).toHaveProperty('problems')
  })
})
