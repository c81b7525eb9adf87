import type { SessionView } from '@ringdown/client'
import type { Desktop } from '../model/desktop.ts'
import { nameOf } from '../model/people.ts'
import { useAct } from './act.ts'
import { Phone } from './icons.tsx'
import { useText } from './text.ts'

/** Somebody waits for an answer. The focus stays where the agent is working; the reader is told at once. */
export function Incoming({ desktop, session }: { desktop: Desktop; session: SessionView }) {
  const say = useText()
  const { tell } = useAct()
  const busy = desktop.busy.has(`session ${session.id}`)
  const answer = (accept: boolean) => tell({ input: 'answer', id: session.id, accept })
  const subject = session.userData.Subject ?? session.userData.topic
  return (
    <section class="incoming" role="alert">
      <Phone />
      <p>
        <strong>{say('session.incoming', { name: nameOf(desktop, session.peer) })}</strong>
        {typeof subject === 'string' && <span class="subject">{subject}</span>}
      </p>
      <button type="button" class="primary" disabled={busy} onClick={() => answer(true)}>
        {say('session.accept')}
      </button>
      <button type="button" class="danger" disabled={busy} onClick={() => answer(false)}>
        {say('session.reject')}
      </button>
    </section>
  )
}
