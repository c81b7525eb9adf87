import type { Contact, SessionView } from '@ringdown/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Desktop } from '../model/desktop.ts'
import { contactName, nameOf } from '../model/people.ts'
import { sipDevice } from '../model/phone.ts'
import { living, unread } from '../model/sessions.ts'
import { stateName } from '../model/signing.ts'
import { emptyForm, type StartForm, startData } from '../model/start-data.ts'
import { useAct } from './act.ts'
import type { Pane } from './desk.tsx'
import { Phone, Search } from './icons.tsx'
import { PhonePanel } from './phone.tsx'
import { StartData } from './start-data.tsx'
import { useText } from './text.ts'

const pauseMs = 250

/** Whom to talk to: the sessions there are, a number, the contacts. */
export function People({ desktop, onPane }: { desktop: Desktop; onPane: (pane: Pane) => void }) {
  const say = useText()
  const { tell } = useAct()
  const [number, setNumber] = useState('')
  const [form, setForm] = useState(emptyForm)
  const start = (wanted: string) => {
    tell({ input: 'start', number: wanted, userData: startData(form) })
    setNumber('')
    setForm(emptyForm)
  }
  // Where a session begins with a message, that has to be written first.
  const pick = (picked: string) => (sipDevice(desktop) ? setNumber(picked) : start(picked))
  return (
    <nav class="people" aria-label={say('contacts.title')}>
      <Sessions desktop={desktop} onPane={onPane} />
      <PhonePanel desktop={desktop} />
      <Dial
        desktop={desktop}
        number={number}
        onNumber={setNumber}
        form={form}
        onForm={setForm}
        onStart={() => start(number.trim())}
      />
      <Contacts desktop={desktop} onPick={pick} />
    </nav>
  )
}

function Sessions({ desktop, onPane }: { desktop: Desktop; onPane: (pane: Pane) => void }) {
  const say = useText()
  const sessions = [...desktop.view.sessions.values()].reverse()
  if (sessions.length === 0) return null
  return (
    <section>
      <h2>{say('session.recent')}</h2>
      <ul class="list">
        {sessions.map((session) => (
          <SessionEntry key={session.id} desktop={desktop} session={session} onPane={onPane} />
        ))}
      </ul>
    </section>
  )
}

function SessionEntry(props: { desktop: Desktop; session: SessionView; onPane: (pane: Pane) => void }) {
  const { desktop, session, onPane } = props
  const say = useText()
  const { tell } = useAct()
  const count = unread(desktop, session)
  const show = () => {
    tell({ input: 'show', id: session.id })
    onPane('session')
  }
  return (
    <li>
      <button type="button" class="entry" aria-current={session.id === desktop.shown} onClick={show}>
        <span class={`dot ${session.state}`} aria-hidden="true" />
        <span class="entry-name">
          {nameOf(desktop, session.peer)}
          <span class="small">{say(`session.state.${session.state}`)}</span>
        </span>
        {count > 0 && <span class="count">{say('session.unread', { count })}</span>}
      </button>
    </li>
  )
}

interface DialProps {
  desktop: Desktop
  number: string
  onNumber: (number: string) => void
  form: StartForm
  onForm: (form: StartForm) => void
  onStart: () => void
}

function Dial({ desktop, number, onNumber, form, onForm, onStart }: DialProps) {
  const say = useText()
  const { startBySip } = useAct()
  const { topic } = form
  const busy = living(desktop) !== undefined
  const bySip = sipDevice(desktop) !== undefined
  const unable = bySip && desktop.phone.state !== 'registered'
  const submit = (event: Event) => {
    event.preventDefault()
    if (!bySip) return onStart()
    startBySip(number.trim(), topic)
    onNumber('')
    onForm(emptyForm)
  }
  return (
    <section>
      <h2>{say('dial.title')}</h2>
      <form class="dial" onSubmit={submit}>
        <label class="field">
          <span>{say('dial.number')}</span>
          <input
            name="number"
            inputMode="tel"
            autocomplete="off"
            required
            maxLength={64}
            pattern=".*\S.*"
            value={number}
            onInput={(event) => onNumber(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{say(bySip ? 'dial.text' : 'dial.topic')}</span>
          <input
            name="topic"
            autocomplete="off"
            required={bySip}
            maxLength={bySip ? 1000 : 200}
            value={topic}
            onInput={(event) => onForm({ ...form, topic: event.currentTarget.value })}
          />
        </label>
        {!bySip && <StartData form={form} onForm={onForm} />}
        <button type="submit" class="primary" disabled={unable || desktop.calling !== null}>
          <Phone />
          {say('dial.submit')}
        </button>
      </form>
      <p class="small" role="status">
        {desktop.calling !== null
          ? say('dial.calling', { number: nameOf(desktop, desktop.calling) })
          : unable
            ? say('dial.bySip')
            : busy && say('dial.inSession')}
      </p>
    </section>
  )
}

function Contacts({ desktop, onPick }: { desktop: Desktop; onPick: (number: string) => void }) {
  const say = useText()
  const { tell } = useAct()
  const { list, more } = desktop.contacts
  const [search, setSearch] = useState(desktop.contacts.search)
  const asked = useRef(search)
  useEffect(() => {
    if (search === asked.current) return
    const timer = setTimeout(() => {
      asked.current = search
      tell({ input: 'searchContacts', search })
    }, pauseMs)
    return () => clearTimeout(timer)
  }, [search, tell])
  return (
    <section class="contacts">
      <h2>{say('contacts.title')}</h2>
      <label class="field search">
        <span class="away">{say('contacts.search')}</span>
        <Search />
        <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      </label>
      {list === null && <p class="small">{say('contacts.reading')}</p>}
      {list?.length === 0 && (
        <p class="small">{desktop.contacts.search === '' ? say('contacts.empty') : say('contacts.none')}</p>
      )}
      <ul class="list">
        {list?.map((contact) => (
          <ContactEntry key={contact.userName} contact={contact} desktop={desktop} onPick={onPick} />
        ))}
      </ul>
      {more && <p class="small">{say('contacts.more')}</p>}
    </section>
  )
}

function ContactEntry(props: { contact: Contact; desktop: Desktop; onPick: (number: string) => void }) {
  const { contact, desktop, onPick } = props
  const say = useText()
  const { phoneNumber, inSession } = contact
  const state = inSession ? 'inSession' : stateName(contact.userState)
  const name = contactName(contact)
  const start = () => {
    if (phoneNumber !== null) onPick(phoneNumber)
  }
  return (
    <li>
      <button
        type="button"
        class="entry"
        disabled={phoneNumber === null || desktop.calling !== null}
        title={say('contacts.call', { name })}
        onClick={start}
      >
        <span class={`dot ${state}`} aria-hidden="true" />
        <span class="entry-name">
          {name}
          <span class="small">
            {say(`state.${state}`)} · {phoneNumber ?? say('contacts.noNumber')}
          </span>
        </span>
        <Phone />
      </button>
    </li>
  )
}
