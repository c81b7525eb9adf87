import type { Settings } from '../shell/settings.ts'
import { useAct } from './act.ts'
import { languages, useText } from './text.ts'

type Part = keyof Settings

const themes = ['auto', 'light', 'dark'] as const

export function SettingsForm({ only = ['language', 'theme', 'sounds', 'notes'] }: { only?: readonly Part[] }) {
  const say = useText()
  const { settings, choose, notesAllowed } = useAct()
  return (
    <fieldset class="settings">
      <legend class="away">{say('settings.title')}</legend>
      {only.includes('language') && (
        <label class="field row">
          <span>{say('settings.language')}</span>
          <select value={say.language} onChange={(event) => choose({ language: event.currentTarget.value })}>
            {Object.entries(languages).map(([tag, name]) => (
              <option key={tag} value={tag} lang={tag}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {only.includes('theme') && (
        <label class="field row">
          <span>{say('settings.theme')}</span>
          <select
            value={settings.theme}
            onChange={(event) => choose({ theme: event.currentTarget.value as Settings['theme'] })}
          >
            {themes.map((theme) => (
              <option key={theme} value={theme}>
                {say(`settings.theme.${theme}`)}
              </option>
            ))}
          </select>
        </label>
      )}
      {only.includes('sounds') && (
        <label class="tick">
          <input
            type="checkbox"
            checked={settings.sounds}
            onChange={(event) => choose({ sounds: event.currentTarget.checked })}
          />
          <span>{say('settings.sounds')}</span>
        </label>
      )}
      {only.includes('notes') && notesAllowed !== null && (
        <label class="tick">
          <input
            type="checkbox"
            checked={settings.notes && notesAllowed}
            onChange={(event) => choose({ notes: event.currentTarget.checked })}
          />
          <span>{say('settings.notes')}</span>
        </label>
      )}
      {only.includes('notes') && settings.notes && notesAllowed === false && (
        <p class="small">{say('settings.notes.denied')}</p>
      )}
    </fieldset>
  )
}
