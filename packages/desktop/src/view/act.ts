import type { WebServices } from '@ringdown/client'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Input } from '../model/desktop.ts'
import type { Settings } from '../shell/settings.ts'

/** What a view can do: tell the model, and change the settings. */
export interface Act {
  tell: (input: Input) => void
  /** Sends the session's draft. */
  sendDraft: (id: string) => void
  /** Begins a session by a MESSAGE of the agent's device. */
  startBySip: (number: string, text: string) => void
  settings: Settings
  /** Whether the browser shows notes of this page; null: it can show none. */
  notesAllowed: boolean | null
  choose: (settings: Partial<Settings>) => void
  /** Requests of the lab console, which keeps its own account of what it shows. */
  ask: WebServices['ask']
}

const Acting = createContext<Act | null>(null)
export const Acts = Acting.Provider

export function useAct(): Act {
  const act = useContext(Acting)
  if (!act) throw new Error('a view stands outside of the page')
  return act
}
