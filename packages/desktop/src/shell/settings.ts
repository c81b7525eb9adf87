import type { Shelf } from './drawer.ts'

/** What the person at this browser has chosen; nothing of it is known to the server. */
export interface Settings {
  /** Null: the browser's. */
  language: string | null
  theme: 'auto' | 'light' | 'dark'
  sounds: boolean
  notes: boolean
}

export const defaultSettings: Settings = { language: null, theme: 'auto', sounds: true, notes: false }

const key = 'ringdown/settings'

export function readSettings(shelf: Pick<Shelf, 'getItem'> | undefined): Settings {
  try {
    const { language, theme, sounds, notes } = JSON.parse(shelf?.getItem(key) ?? '{}') as Record<string, unknown>
    return {
      language: typeof language === 'string' ? language : null,
      theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
      sounds: sounds !== false,
      notes: notes === true,
    }
  } catch {
    return defaultSettings
  }
}

export function keepSettings(shelf: Pick<Shelf, 'setItem'> | undefined, settings: Settings): void {
  try {
    shelf?.setItem(key, JSON.stringify(settings))
  } catch {
    // It holds until the page is closed.
  }
}
