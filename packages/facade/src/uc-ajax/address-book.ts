/** Who is known by which address; made once for each configuration. */
import type { Directory, Person } from '@ringdown/signalling'
import { readURI, sipURI } from './sip-uri.ts'

interface Book {
  /** By `user@host` in lower case. */
  byAddress: ReadonlyMap<string, Person>
  /** By user name in lower case; no two persons have the same but for case. */
  byName: ReadonlyMap<string, Person>
}

const books = new WeakMap<Directory, Book>()

/** The URI that a person's configuration gives: option `uri` of section `uc-ajax`, or a user name that is an address. */
export function writtenURI({ annex, userName }: Person): string | undefined {
  for (const text of [annex['uc-ajax']?.uri, userName]) {
    const read = text?.includes('@') ? readURI(text) : undefined
    if (read?.host !== undefined) return sipURI(read.user, read.host)
  }
  return undefined
}

/** The person with this address: the written one, or that of e-mail. */
export function personAt(directory: Directory, user: string, host: string): Person | undefined {
  return bookOf(directory).byAddress.get(key(user, host))
}

/** The person with this user name, whatever the letter case. */
export function personNamed(directory: Directory, user: string): Person | undefined {
  return bookOf(directory).byName.get(user.toLowerCase())
}

function bookOf(directory: Directory): Book {
  let book = books.get(directory)
  if (!book) {
    const persons = [...directory.persons.values()]
    const written = unique(persons, (person) => addressKey(writtenURI(person)))
    const mailed = unique(persons, ({ emailAddress }) => addressKey(emailAddress))
    book = {
      byAddress: new Map([...mailed, ...written]),
      byName: new Map(persons.map((person) => [person.userName.toLowerCase(), person])),
    }
    books.set(directory, book)
  }
  return book
}

/** What two persons share leads to neither. */
function unique(persons: readonly Person[], keyOf: (person: Person) => string | undefined): Map<string, Person> {
  const found = new Map<string, Person>()
  const shared = new Set<string>()
  for (const person of persons) {
    const name = keyOf(person)
    if (name === undefined) continue
    if (found.has(name)) shared.add(name)
    found.set(name, person)
  }
  for (const name of shared) found.delete(name)
  return found
}

function addressKey(address: string | undefined): string | undefined {
  const read = address === undefined ? undefined : readURI(address)
  return read?.host === undefined ? undefined : key(read.user, read.host)
}

function key(user: string, host: string): string {
  return `${user}@${host}`.toLowerCase()
}
