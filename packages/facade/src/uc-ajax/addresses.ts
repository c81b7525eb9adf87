/** SIP URIs of persons and DNs, uc-ajax-api §7.3: whom clients call, and how they are shown who is there. */
import { type DNumber, imLeg, type Person, type PersonID } from '@ringdown/signalling'
import type { Centre } from '../login.ts'
import { personAt, personNamed, writtenURI } from './address-book.ts'
import type { Participant } from './event.ts'
import type { UcAjaxOptions } from './options.ts'
import { readURI, sipURI } from './sip-uri.ts'

/** Whom a URI leads to; `uri` is the form in which it is shown. */
export type Resolved =
  | { found: 'person'; person: Person; uri: string }
  | { found: 'number'; dn: DNumber; uri: string }
  /** Somebody of another domain, a conference, or a name that nobody has and that is no number. */
  | { found: 'foreign'; uri: string }
  | { found: 'invalid' }

/** What can be dialled; the T-Server takes nothing else for a number either. */
const dialable = /^[!#-;=?-~]{1,64}$/

/** The addresses of one contact centre, by its configuration now. SPEC UC-35, UC-36. */
export class Addresses {
  readonly #centre: Pick<Centre, 'id' | 'directory'>
  readonly #options: Pick<UcAjaxOptions, 'domain' | 'persons'>

  constructor(centre: Pick<Centre, 'id' | 'directory'>, options: Pick<UcAjaxOptions, 'domain' | 'persons'>) {
    this.#centre = centre
    this.#options = options
  }

  /** `sip:anna@demo`, or whatever the configuration says. */
  ofPerson(person: Person): string {
    const { places, dns } = this.#centre.directory()
    const near = places.get(person.place ?? '')?.dns ?? []
    const able = near.find((number) => {
      const dn = dns.get(number)
      return dn !== undefined && imLeg(dn) !== null
    })
    return this.#shown(person, able)
  }

  /** How a party at a DN is shown: as the person there, where it is known who, else by the number. */
  participant(dn: DNumber, personID?: PersonID): Participant {
    const person = personID === undefined ? undefined : this.#centre.directory().persons.get(personID)
    if (!person) return { uri: sipURI(dn, this.#domain), name: dn }
    return { uri: this.#shown(person, dn), name: `${person.firstName} ${person.lastName}`.trim() || person.userName }
  }

  /** Never throws, whatever is written there. */
  resolve(written: string): Resolved {
    const read = readURI(written)
    if (!read) return { found: 'invalid' }
    const { user, host = this.#domain.toLowerCase(), isConference } = read
    const directory = this.#centre.directory()
    const isOurs = host === this.#domain.toLowerCase()
    const person = isConference
      ? undefined
      : (personAt(directory, user, host) ?? (isOurs ? personNamed(directory, user) : undefined))
    if (person) return { found: 'person', person, uri: this.ofPerson(person) }
    const [number = ''] = user.split(';', 1) // RFC 3261 §19.1.1: what follows are parameters of the number
    if (isOurs && !isConference && dialable.test(number))
      return { found: 'number', dn: number as DNumber, uri: sipURI(number, this.#domain) }
    return { found: 'foreign', uri: sipURI(user, isOurs ? this.#domain : host) }
  }

  #shown(person: Person, dn: DNumber | undefined): string {
    const written = writtenURI(person)
    if (written !== undefined) return written
    const user = this.#options.persons === 'number' ? dn : undefined
    return sipURI(user ?? person.userName, this.#domain)
  }

  get #domain(): string {
    return this.#options.domain ?? this.#centre.id
  }
}
