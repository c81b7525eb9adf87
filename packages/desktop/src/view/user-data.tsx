import type { SessionView } from '@ringdown/client'
import { useState } from 'preact/hooks'
import type { Desktop } from '../model/desktop.ts'
import { useAct } from './act.ts'
import { valueText } from './format.ts'
import { Bin, Pencil } from './icons.tsx'
import { useText } from './text.ts'

/** What is attached to the session; both sides see it and may change it while the session lives. */
export function UserData({ desktop, session }: { desktop: Desktop; session: SessionView }) {
  const say = useText()
  const { tell } = useAct()
  const [edited, setEdited] = useState<string | null>(null)
  const pairs = Object.entries(session.userData)
  const may = session.capabilities.includes('AttachUserData')
  const busy = desktop.busy.has(`session ${session.id}`)
  const attach = (key: string, value: string) => {
    tell({ input: 'attach', id: session.id, key, value })
    setEdited(null)
  }
  return (
    <section class="user-data" aria-labelledby="user-data">
      <h2 id="user-data">{say('data.title')}</h2>
      {pairs.length === 0 && <p class="small">{say('data.none')}</p>}
      <dl>
        {pairs.map(([key, value]) => (
          <div class="pair" key={key}>
            <dt>{key}</dt>
            <dd dir="auto">
              {edited === key ? (
                <PairForm
                  name={key}
                  value={valueText(value)}
                  busy={busy}
                  onSave={attach}
                  onCancel={() => setEdited(null)}
                />
              ) : (
                valueText(value)
              )}
            </dd>
            {may && edited !== key && (
              <dd class="pair-buttons">
                <button
                  type="button"
                  class="bare"
                  aria-label={say('data.edit', { key })}
                  onClick={() => setEdited(key)}
                >
                  <Pencil />
                </button>
                <button
                  type="button"
                  class="bare"
                  disabled={busy}
                  aria-label={say('data.delete', { key })}
                  onClick={() => tell({ input: 'deleteKey', id: session.id, key })}
                >
                  <Bin />
                </button>
              </dd>
            )}
          </div>
        ))}
      </dl>
      {may && <NewPair busy={busy} onSave={attach} />}
    </section>
  )
}

interface PairFormProps {
  name: string
  value: string
  busy: boolean
  onSave: (key: string, value: string) => void
  onCancel: () => void
}

function PairForm({ name, value, busy, onSave, onCancel }: PairFormProps) {
  const say = useText()
  const [text, setText] = useState(value)
  const submit = (event: Event) => {
    event.preventDefault()
    onSave(name, text)
  }
  return (
    <form
      class="pair-form"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel()
      }}
    >
      <input
        aria-label={name}
        value={text}
        ref={(element) => {
          if (element && document.activeElement?.tagName !== 'INPUT') element.focus()
        }}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" disabled={busy}>
        {say('data.save')}
      </button>
      <button type="button" class="quiet" onClick={onCancel}>
        {say('data.cancel')}
      </button>
    </form>
  )
}

function NewPair({ busy, onSave }: { busy: boolean; onSave: (key: string, value: string) => void }) {
  const say = useText()
  const [key, setKey] = useState('')
  const [value, setValue] = useState('')
  const submit = (event: Event) => {
    event.preventDefault()
    onSave(key.trim(), value)
    setKey('')
    setValue('')
  }
  return (
    <form class="new-pair" onSubmit={submit}>
      <label class="field">
        <span>{say('data.key')}</span>
        <input
          required
          autocomplete="off"
          pattern=".*\S.*"
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>{say('data.value')}</span>
        <input autocomplete="off" value={value} onInput={(event) => setValue(event.currentTarget.value)} />
      </label>
      <button type="submit" disabled={busy}>
        {say('data.add')}
      </button>
    </form>
  )
}
