import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { de } from './messages/de.ts'
import { en, type Messages } from './messages/en.ts'

export const languages = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof languages

const messages: Record<Language, Messages> = { en, de }

/** What has to be filled in where a message says `{name}`. */
type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
type Given<Text> = [Names<Text>] extends [never] ? [] : [values: Record<Names<Text>, string | number>]

/** Says something of these messages in the page's language. */
export interface SayOf<Texts extends Readonly<Record<string, string>>> {
  <Key extends keyof Texts & string>(key: Key, ...given: Given<Texts[Key]>): string
  language: Language
  /** The language as the region has it that the browser names, for dates and times. */
  locale: string
}
export type Say = SayOf<typeof en>

/** Speaks the messages of one language. */
export function speakerOf<Texts extends Readonly<Record<string, string>>>(
  texts: Readonly<Record<keyof Texts & string, string>>,
  language: Language,
  wanted: readonly string[] = [],
): SayOf<Texts> {
  const say = (key: keyof Texts & string, values: Readonly<Record<string, string | number>> = {}) =>
    texts[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
  const locale = wanted.find((tag) => tag.toLowerCase().startsWith(language)) ?? language
  return Object.assign(say, { language, locale }) as SayOf<Texts>
}

const speakers = new Map<string, Say>()

/** The same one each time, so that nothing is drawn anew because of it. */
export function speaker(language: Language, wanted: readonly string[] = []): Say {
  const key = `${language} ${wanted.join()}`
  const say = speakers.get(key) ?? speakerOf<typeof en>(messages[language], language, wanted)
  speakers.set(key, say)
  return say
}

const Speaker = createContext(speaker('en'))
export const Speaks = Speaker.Provider
export const useText = (): Say => useContext(Speaker)

/** The first of the browser's languages that the pages speak. */
export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const name = tag.slice(0, 2).toLowerCase()
    if (name in languages) return name as Language
  }
  return 'en'
}
