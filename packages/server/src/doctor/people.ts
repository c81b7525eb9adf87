import type { CentreConfig } from '../config/load-config.ts'
import type { Check } from './check.ts'
import type { Finding } from './finding.ts'

const mostNamed = 5
/** Fewer characters are guessed by who has the file, and soon enough by who has not. */
const leastLength = 10
/** The beginning of every list of guesses; compared in lower case, without digits and signs at the end. */
const guessed = new Set(
  'password passwort passw0rd secret geheim admin administrator welcome willkommen letmein qwerty qwertz asdf login changeme ringdown test demo agent user'.split(
    ' ',
  ),
)

/** Agents who cannot work, places nobody can work at, and passwords that are easily found. SPEC DR-12. */
export const people: Check = {
  name: 'people',
  look: ({ config }) =>
    config.contactCentres.flatMap((centre) => [...seats(centre), ...passwords(centre), ...numbersPasswords(centre)]),
}

function seats({ objects: { id, persons, places, agentLogins } }: CentreConfig): Finding[] {
  const agents = persons.filter(({ roles = ['agent'], enabled = true }) => enabled && roles.includes('agent'))
  const found = [
    told(
      'note',
      agents.filter(({ place }) => place === undefined).map(({ userName }) => userName),
      'agent',
      id,
      'has no place, so a login has to name one',
      'Set place.',
    ),
    told(
      'problem',
      places.filter(({ dns = [] }) => dns.length === 0).map(({ name }) => name),
      'place',
      id,
      'has no DN, so nobody can work there',
      'Give it a DN, or remove it.',
    ),
    told(
      'note',
      shared(agents.flatMap(({ place }) => (place === undefined ? [] : [place]))),
      'place',
      id,
      'belongs to several agents: one of them at a time can log in there',
      'Give each a place.',
    ),
  ]
  if (agents.length > 0 && agentLogins.length > 0)
    found.push(
      told(
        'note',
        agents.filter(({ agentLogins: own = [] }) => own.length === 0).map(({ userName }) => userName),
        'agent',
        id,
        'has no agent login',
        'Set agentLogins.',
      ),
    )
  if (!persons.some(({ roles = [], enabled = true }) => enabled && roles.includes('admin')))
    found.push([
      {
        check: 'people',
        severity: 'note',
        what: `Contact centre ${id} has no administrator: nobody can open the lab console or ringdown trace.`,
        lift: 'Give somebody the role admin.',
      },
    ])
  return found.flat()
}

/** Only passwords that stand in the file can be looked at; hashes cannot. */
function passwords({ objects: { id }, passwords }: CentreConfig): Finding[] {
  const weak = [...passwords].filter(([user, password]) => isWeak(password.reveal(), user)).map(([user]) => user)
  return [
    ...told(
      'problem',
      weak,
      'person',
      id,
      `has a password that is easily found: shorter than ${leastLength} characters, the user name, or one of those everybody tries`,
      'Make one by chance: ringdown init does.',
    ),
    ...told(
      'note',
      [...passwords.keys()],
      'person',
      id,
      'has a password in the configuration as it is',
      'Put what ringdown hash-password makes of it in passwordHash.',
    ),
  ]
}

/** Passwords of DNs have to be in the Annex as they are: digest needs them. */
function numbersPasswords({ objects: { id, dns } }: CentreConfig): Finding[] {
  const weak = dns.filter(({ number, annex }) => {
    const password = annex?.TServer?.password
    return password !== undefined && isWeak(password, number)
  })
  return told(
    'problem',
    weak.map(({ number }) => number),
    'DN',
    id,
    `has a SIP password that is easily found: shorter than ${leastLength} characters, its number, or one of those everybody tries`,
    'Make one by chance.',
  )
}

export function isWeak(password: string, name: string): boolean {
  const lower = password.toLowerCase()
  const bare = lower.replace(/[^\p{L}]+$/u, '')
  return (
    password.length < leastLength ||
    guessed.has(bare) ||
    (name.length > 2 && lower.includes(name.toLowerCase())) ||
    new Set(password).size < 4
  )
}

function told(
  severity: Finding['severity'],
  names: readonly string[],
  kind: string,
  centre: string,
  what: string,
  lift: string,
): Finding[] {
  if (names.length === 0) return []
  const more = names.length - mostNamed
  const list = `${names.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  const name = `${kind[0]?.toUpperCase()}${kind.slice(1)}`
  const subject = names.length === 1 ? `${name} ${list} of ${centre}` : `${name}s ${list} of ${centre}: each one`
  return [{ check: 'people', severity, what: `${subject} ${what}.`, lift, measured: names.length }]
}

const shared = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, i) => names.indexOf(name) !== i)),
]
