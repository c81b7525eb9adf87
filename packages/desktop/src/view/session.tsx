import type { SessionView } from '@ringdown/client'
import { useState } from 'preact/hooks'
import type { Desktop } from '../model/desktop.ts'
import { nameOf } from '../model/people.ts'
import { sipDevice } from '../model/phone.ts'
import { living } from '../model/sessions.ts'
import { useAct } from './act.ts'
import { Composer } from './composer.tsx'
import type { Pane } from './desk.tsx'
import { Close, Person, Phone, Tag } from './icons.tsx'
import { useText } from './text.ts'
import { Transcript } from './transcript.tsx'
import { UserData } from './user-data.tsx'

/** The session that is shown, or a word about how to begin one. */
export function SessionPane({ desktop, onPane }: { desktop: Desktop; onPane: (pane: Pane) => void }) {
  const say = useText()
  const session = desktop.shown === null ? undefined : desktop.view.sessions.get(desktop.shown)
  return (
    <section class="session" id="conversation" tabIndex={-1} aria-label={say('session.title')}>
      {session ? (
        <Session key={session.id} desktop={desktop} session={session} onPane={onPane} />
      ) : (
        <div class="nothing">
          <Phone />
          <h2>{say('session.none')}</h2>
          <p>{say('session.noneLead')}</p>
        </div>
      )}
    </section>
  )
}

interface SessionProps {
  desktop: Desktop
  session: SessionView
  onPane: (pane: Pane) => void
}

function Session({ desktop, session, onPane }: SessionProps) {
  // On a wide screen the data stand beside the texts; elsewhere the agent opens them.
  const [details, setDetails] = useState(false)
  return (
    <>
      <SessionHead
        desktop={desktop}
        session={session}
        details={details}
        onDetails={() => setDetails(!details)}
        onPane={onPane}
      />
      <div class={details ? 'session-body with-details' : 'session-body'}>
        <div class="talk">
          <Transcript desktop={desktop} session={session} />
          <Composer desktop={desktop} session={session} />
        </div>
        <UserData desktop={desktop} session={session} />
      </div>
    </>
  )
}

function SessionHead(props: SessionProps & { details: boolean; onDetails: () => void }) {
  const { desktop, session, details, onDetails, onPane } = props
  const say = useText()
  const name = nameOf(desktop, session.peer)
  const subject = session.userData.Subject
  return (
    <header class="session-head">
      <button
        type="button"
        class="bare only-narrow"
        aria-label={say('contacts.title')}
        onClick={() => onPane('people')}
      >
        <Person />
      </button>
      <div class="session-name">
        <h2>
          <span class="away">{say('session.with', { name })}</span>
          <span aria-hidden="true">{name}</span>
        </h2>
        <p class="small">
          <span class={`dot ${session.state}`} aria-hidden="true" />
          {say(`session.state.${session.state}`)}
          {typeof subject === 'string' && ` · ${subject}`}
        </p>
      </div>
      <button
        type="button"
        class="bare only-middle"
        aria-expanded={details}
        aria-label={say('session.details')}
        onClick={onDetails}
      >
        <Tag />
      </button>
      <SessionActions desktop={desktop} session={session} />
    </header>
  )
}

function SessionActions({ desktop, session }: { desktop: Desktop; session: SessionView }) {
  const say = useText()
  const { tell } = useAct()
  const busy = desktop.busy.has(`session ${session.id}`)
  const { id, peer, state } = session
  if (state === 'Completed') {
    if (peer === null || sipDevice(desktop)) return null
    const again = () => tell({ input: 'start', number: peer, userData: {} })
    return (
      <button type="button" disabled={living(desktop) !== undefined || desktop.calling !== null} onClick={again}>
        <Phone />
        {say('session.again')}
      </button>
    )
  }
  // Who is asked says yes or no, above.
  if (session.capabilities.includes('Accept')) return null
  return (
    <button type="button" class="danger" disabled={busy} onClick={() => tell({ input: 'complete', id })}>
      <Close />
      {say(state === 'Initiating' ? 'session.cancel' : 'session.complete')}
    </button>
  )
}
