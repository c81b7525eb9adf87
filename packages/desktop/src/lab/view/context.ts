import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { type Say, type SayOf, speakerOf } from '../../view/text.ts'
import { labDe } from '../messages/de.ts'
import { type LabMessages, labEn } from '../messages/en.ts'
import type { LabInput } from '../model/lab.ts'

export type SayLab = SayOf<typeof labEn>

const messages: Readonly<Record<Say['language'], LabMessages>> = { en: labEn, de: labDe }

/** Speaks of the lab in the language of the page. */
export function labSpeaker({ language, locale }: Say): SayLab {
  return speakerOf<typeof labEn>(messages[language], language, [locale])
}

const Speaker = createContext<SayLab>(speakerOf<typeof labEn>(labEn, 'en'))
export const LabSpeaks = Speaker.Provider
export const useLabText = (): SayLab => useContext(Speaker)

const Telling = createContext<((input: LabInput) => void) | null>(null)
export const LabTells = Telling.Provider

/** Tells the console's model. */
export function useTell(): (input: LabInput) => void {
  const tell = useContext(Telling)
  if (!tell) throw new Error('a view stands outside of the console')
  return tell
}
