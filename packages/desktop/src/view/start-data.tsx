import { type Row, rowLimit, type StartForm, withRow } from '../model/start-data.ts'
import { Bin } from './icons.tsx'
import { useText } from './text.ts'

/** Names and values a session begins with, folded away until somebody wants them. */
export function StartData({ form, onForm }: { form: StartForm; onForm: (form: StartForm) => void }) {
  const say = useText()
  const { rows } = form
  const change = (changed: Row) => onForm({ ...form, rows: rows.map((row) => (row.id === changed.id ? changed : row)) })
  // Who unfolds them wants to write one.
  const onToggle = (open: boolean) => {
    if (open && rows.length === 0) onForm(withRow(form))
  }
  return (
    <details
      class="start-data"
      onToggle={(event) => onToggle(event.currentTarget.open)}
      // A browser cannot point at what is wrong in something that is folded away.
      onInvalidCapture={(event) => {
        event.currentTarget.open = true
      }}
    >
      <summary>{say('dial.data')}</summary>
      {rows.length > 0 && (
        // Each box says for itself what it is, to whoever does not see where it stands.
        <div class="start-pair start-heads" aria-hidden="true">
          <span>{say('data.key')}</span>
          <span>{say('data.value')}</span>
        </div>
      )}
      {rows.map((row, i) => (
        <div class="start-pair" key={row.id}>
          <input
            aria-label={say('dial.data.name', { number: i + 1 })}
            autocomplete="off"
            maxLength={200}
            required={row.value !== ''}
            pattern=".*\S.*"
            value={row.name}
            onInput={(event) => change({ ...row, name: event.currentTarget.value })}
          />
          <input
            aria-label={say('dial.data.value', { number: i + 1 })}
            autocomplete="off"
            maxLength={1000}
            value={row.value}
            onInput={(event) => change({ ...row, value: event.currentTarget.value })}
          />
          <button
            type="button"
            class="bare"
            aria-label={say('dial.data.remove', { number: i + 1 })}
            onClick={() => onForm({ ...form, rows: rows.filter(({ id }) => id !== row.id) })}
          >
            <Bin />
          </button>
        </div>
      ))}
      <button type="button" class="quiet" disabled={rows.length >= rowLimit} onClick={() => onForm(withRow(form))}>
        {say('dial.data.more')}
      </button>
    </details>
  )
}
