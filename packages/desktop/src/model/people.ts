import type { Contact, EndedSession } from '@ringdown/client'
import { type Desktop, type Input, type Step, step } from './desktop.ts'
import { isWhole } from './link.ts'
import { ask } from './signing.ts'

/** How often contacts are read again while they can be seen, milliseconds. */
const contactsMs = 15_000
/** How long after the last key the texts are searched too, milliseconds. */
const searchPauseMs = 400

/** Contacts and their states, and the sessions of the past. */
export function people(state: Desktop, input: Input): Step | undefined {
  switch (input.input) {
    case 'searchContacts':
      return step(
        { ...state, contacts: { ...state.contacts, search: input.search } },
        { effect: 'readContacts', search: input.search },
      )
    case 'contactsRead': {
      // An answer to what was asked before the last key was pressed.
      if (input.search !== state.contacts.search) return step(state)
      const { search, contacts: list, more } = input
      const names = withNames(state.contacts.names, list)
      const contacts = { list, more, search, names }
      return step({ ...state, contacts }, { effect: 'wait', name: 'contacts', ms: contactsMs })
    }
    case 'namesRead':
      return step({
        ...state,
        contacts: { ...state.contacts, names: withNames(state.contacts.names, input.contacts) },
      })
    case 'openPage':
      if (input.page !== 'history') return step({ ...state, page: input.page })
      return ask({ ...state, page: 'history' }, { effect: 'readHistory' })
    case 'historyRead':
      return step({ ...state, history: { ...state.history, list: input.sessions } })
    case 'searchHistory':
      return step(
        { ...state, history: { ...state.history, search: input.search } },
        { effect: 'wait', name: 'searchTexts', ms: searchPauseMs },
      )
    case 'showEnded':
      return step(
        { ...state, history: { ...state.history, shown: input.id } },
        ...(state.history.transcripts.has(input.id) ? [] : [{ effect: 'readEnded', id: input.id } as const]),
      )
    case 'endedRead': {
      const transcripts = new Map(state.history.transcripts).set(input.id, input.messages)
      return step({ ...state, history: { ...state.history, transcripts } })
    }
    case 'waited':
      if (input.name === 'contacts') return refresh(state)
      return input.name === 'searchTexts' ? readTexts(state) : undefined
    default:
      return undefined
  }
}

/** Names that are remembered; a contact centre may have any number of people. */
const nameLimit = 1_000

function withNames(names: ReadonlyMap<string, string>, contacts: readonly Contact[]): ReadonlyMap<string, string> {
  const found = contacts.flatMap((one) =>
    one.phoneNumber === null ? [] : [[one.phoneNumber, contactName(one)] as const],
  )
  return new Map([...names, ...found].slice(-nameLimit))
}

export function contactName({ firstName, lastName, userName }: Contact): string {
  return [firstName, lastName].filter((part) => part !== '').join(' ') || userName
}

/** Whose number it is, as far as it is known; else the number itself. */
export function nameOf(state: Desktop, digits: string | null): string {
  return digits === null ? '' : (state.contacts.names.get(digits) ?? digits)
}

/** Contacts are read again at their time, as long as somebody looks. */
export function refresh(state: Desktop): Step {
  if (state.stage !== 'desk' || !state.visible || !isWhole(state.link)) return step(state)
  return step(state, { effect: 'readContacts', search: state.contacts.search })
}

/** A word may stand in a text that was not read yet: all are read, once. */
function readTexts(state: Desktop): Step {
  const { list, search, transcripts } = state.history
  if (search.trim() === '') return step(state)
  const unknown = (list ?? []).filter(({ id }) => !transcripts.has(id))
  return step(state, ...unknown.map(({ id }) => ({ effect: 'readEnded', id }) as const))
}

/** The sessions of the past in which a text is found: in the number, the name, the user data or a transcript that was read. */
export function foundIn(state: Desktop): readonly EndedSession[] {
  const { list, search, transcripts } = state.history
  const wanted = search.trim().toLowerCase()
  if (wanted === '') return list ?? []
  return (list ?? []).filter((session) => {
    const digits = session.participants[0]?.digits ?? ''
    const data = Object.entries(session.userData ?? {}).flatMap(([key, value]) => [key, String(value)])
    const texts = (transcripts.get(session.id) ?? []).map(({ message }) => message)
    return [digits, nameOf(state, digits), ...data, ...texts].some((text) => text.toLowerCase().includes(wanted))
  })
}
