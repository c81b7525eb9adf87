import type { SessionView } from '@ringdown/client'
import { useEffect, useRef } from 'preact/hooks'
import type { Desktop } from '../model/desktop.ts'
import { nameOf } from '../model/people.ts'
import { useAct } from './act.ts'
import { endText } from './end-text.ts'
import { Send } from './icons.tsx'
import { useText } from './text.ts'

/** Where the agent writes; once the session is over, why it is. */
export function Composer({ desktop, session }: { desktop: Desktop; session: SessionView }) {
  const say = useText()
  const { tell, sendDraft } = useAct()
  const field = useRef<HTMLTextAreaElement>(null)
  const { id, state } = session
  const talking = state === 'Talking'
  useEffect(() => {
    // Who has just been connected wants to write; who is writing elsewhere is not disturbed.
    if (talking && (document.activeElement === document.body || document.activeElement === null)) field.current?.focus()
  }, [talking])
  if (state === 'Completed')
    return <p class="composer-note">{endText(say, session, (digits) => nameOf(desktop, digits))}</p>
  const draft = desktop.drafts.get(id) ?? ''
  const send = (event: Event) => {
    event.preventDefault()
    if (talking) sendDraft(id)
    field.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method is composing a word, Enter belongs to it.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) send(event)
  }
  return (
    <form class="composer" onSubmit={send}>
      <label class="away" for="composer">
        {say('text.label')}
      </label>
      <textarea
        id="composer"
        ref={field}
        rows={1}
        dir="auto"
        value={draft}
        aria-describedby="composer-hint"
        onInput={(event) => tell({ input: 'write', id, text: event.currentTarget.value })}
        onKeyDown={onKeyDown}
      />
      <button
        type="submit"
        class="primary send"
        disabled={!talking || draft.trim() === ''}
        aria-label={say('text.send')}
      >
        <Send />
      </button>
      <p class="small" id="composer-hint">
        {say(talking ? 'text.hint' : 'text.notYet')}
      </p>
    </form>
  )
}
