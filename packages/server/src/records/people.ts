import { type Call, type DirectoryObjects, derivePersonID, type PersonID } from '@ringdown/signalling'

/** Who somebody is, as far as the configuration tells. */
export interface Named {
  userName: string
  /** First and last name; empty where there is none. */
  name: string
}

/** The people of a contact centre by their ids. */
export type People = ReadonlyMap<PersonID, Named>

/** People of a configuration, with what was changed through the API laid over the file. */
export function peopleOf({ id: centre, persons }: Pick<DirectoryObjects, 'id' | 'persons'>): People {
  return new Map(
    persons.map(({ id, userName, firstName = '', lastName = '' }) => [
      (id ?? derivePersonID(centre, userName)) as PersonID,
      { userName, name: [firstName, lastName].filter((part) => part !== '').join(' ') },
    ]),
  )
}

/** Somebody by user name (in whatever letters) or id; undefined where nobody has it. */
export function findPerson(people: People, asked: string): PersonID | undefined {
  if (people.has(asked as PersonID)) return asked as PersonID
  const wanted = asked.toLowerCase()
  return [...people].find(([, { userName }]) => userName.toLowerCase() === wanted)?.[0]
}

/** Who worked at a DN of a session. */
export function agentAt({ parties }: Call, dn: string): PersonID | undefined {
  return parties.find((party) => party.dn === dn)?.agent ?? undefined
}
