import type { Annex } from '../contract.ts'

/** One option as it stands in the editor. */
export interface OptionLine {
  /** The same for as long as the line is there. */
  key: number
  section: string
  option: string
  value: string
  /** It was not there when the Annex was read: its name is still being written. */
  isNew: boolean
}

/** The Annex of a DN on the editor's desk. */
export interface AnnexEdit {
  number: string
  /** Null: being read. */
  dbid: string | null
  /** As it was read: what is saved replaces exactly this. */
  read: Annex
  lines: readonly OptionLine[]
  nextKey: number
  /** It was saved, and nothing was changed since. */
  saved: boolean
}

/** What can be wrong with an Annex. `problem`: the server would refuse it. */
export interface AnnexRemark {
  level: 'problem' | 'warning'
  /** The line it is about. */
  line: number
  what:
    | 'boolean'
    | 'number'
    | 'noName'
    | 'twice'
    | 'section'
    | 'spelling'
    | 'unknown'
    | 'noMultimedia'
    | 'noAutoAnswer'
    | 'signallingTwice'
    | 'signallingSpelling'
    | 'emptyPassword'
    | 'noContact'
    | 'noPrefix'
    | 'noCheck'
  values: { option: string; least: number; most: number; right: string }
}

type Kind = 'boolean' | 'text' | readonly [least: number, most: number]

const section = 'TServer'
const day = 86_400

/** Options of `[TServer]` that the engine knows, and what their values may be: web-services-api §4.6, DN-1 to DN-7 of the engine. */
export const knownOptions: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['multimedia', 'boolean'],
  ['sip-signaling-chat', 'text'],
  ['sip-signalling-chat', 'text'],
  ['auto-answer', 'boolean'],
  ['auto-answer-delay', [0, 600_000]],
  ['no-answer-timeout', [1, day]],
  ['password', 'text'],
  ['contact', 'text'],
  ['contact-list', 'text'],
  ['prefix', 'text'],
  ['replace-prefix', 'text'],
  ['service-type', 'text'],
  ['authenticate-requests', 'text'],
  ['oos-check', [0, day]],
  ['oos-force', [0, day]],
  ['store-and-forward', 'boolean'],
  ['im-idle-timeout', [1, day]],
  ['im-composing', 'boolean'],
  ['im-delivery-reports', 'boolean'],
  ['im-display-reports', 'boolean'],
  ['msrp-sessmatch', 'boolean'],
])

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', '1', 'on'].map((word) => [word, true] as const),
  ...['false', 'no', '0', 'off'].map((word) => [word, false] as const),
])

export function newEdit(number: string): AnnexEdit {
  return { number, dbid: null, read: {}, lines: [], nextKey: 1, saved: false }
}

/** The editor with what the server has. */
export function withAnnex(edit: AnnexEdit, dbid: string, annex: Annex): AnnexEdit {
  const all = Object.entries(annex).flatMap(([section, options]) =>
    Object.entries(options).map(([option, value]) => ({ section, option, value, isNew: false })),
  )
  const lines = all.map((line, i) => ({ key: edit.nextKey + i, ...line }))
  return { ...edit, dbid, read: annex, lines, nextKey: edit.nextKey + lines.length }
}

export function addLine(edit: AnnexEdit, option = ''): AnnexEdit {
  const line = { key: edit.nextKey, section, option, value: '', isNew: true }
  return { ...edit, lines: [...edit.lines, line], nextKey: edit.nextKey + 1, saved: false }
}

export function changeLine(edit: AnnexEdit, key: number, to: Partial<Omit<OptionLine, 'key'>>): AnnexEdit {
  return { ...edit, saved: false, lines: edit.lines.map((line) => (line.key === key ? { ...line, ...to } : line)) }
}

export function dropLine(edit: AnnexEdit, key: number): AnnexEdit {
  return { ...edit, saved: false, lines: edit.lines.filter((line) => line.key !== key) }
}

/** What the lines say. Sections that held nothing stay as they are. */
export function annexOf({ read, lines }: AnnexEdit): Annex {
  const annex: Record<string, Record<string, string>> = {}
  for (const [name, options] of Object.entries(read)) if (Object.keys(options).length === 0) annex[name] = {}
  for (const { section, option, value } of lines) annex[section] = { ...annex[section], [option.trim()]: value.trim() }
  return annex
}

/** Whether anything would change. */
export function isChanged(edit: AnnexEdit): boolean {
  return !sameAnnex(annexOf(edit), edit.read)
}

/** Whether both say the same, in whatever order. */
export function sameAnnex(one: Annex, other: Annex): boolean {
  return flat(one) === flat(other)
}

function flat(annex: Annex): string {
  const all = Object.entries(annex).flatMap(([section, options]) =>
    Object.entries(options).map(([option, value]) => JSON.stringify([section, option, value])),
  )
  return all.sort().join('\n')
}

/** What the engine would say to it, before it is asked. SPEC DT-46. */
export function remarksOn({ lines }: AnnexEdit): readonly AnnexRemark[] {
  const ours = lines.filter((line) => line.section === section)
  const written = new Map(ours.map((line) => [line.option.trim(), line]))
  const given = (option: string) => written.get(option)?.value.trim()
  const isTrue = (option: string, otherwise: boolean) =>
    written.has(option) ? (booleans.get((given(option) ?? '').toLowerCase()) ?? otherwise) : otherwise
  const remarks = [...lines.flatMap((line) => ofForm(line, lines)), ...ours.flatMap(ofValue)]
  const say = (what: AnnexRemark['what'], option: string, level: AnnexRemark['level'] = 'warning') => {
    const line = written.get(option)
    if (line) remarks.push(remark(level, line, what))
  }
  const [one, two] = [given('sip-signaling-chat'), given('sip-signalling-chat')]
  const signaling = one || two
  if (two !== undefined)
    if (one !== undefined && signalingOf(one) !== signalingOf(two))
      say('signallingTwice', 'sip-signalling-chat', 'problem')
    else say('signallingSpelling', 'sip-signalling-chat')
  if (signaling && !isTrue('multimedia', false)) say('noMultimedia', one ? 'sip-signaling-chat' : 'sip-signalling-chat')
  if (!isTrue('auto-answer', signalingOf(signaling) === 'none')) say('noAutoAnswer', 'auto-answer-delay')
  if (given('password') === '') say('emptyPassword', 'password', 'problem')
  if (given('contact-list') && (given('contact') ?? '').replace('*', '') === '') say('noContact', 'contact-list')
  if (given('replace-prefix') && !written.has('prefix')) say('noPrefix', 'replace-prefix')
  if (Number(given('oos-force') ?? 0) > 0 && Number(given('oos-check') ?? 0) === 0) say('noCheck', 'oos-force')
  return remarks
}

function signalingOf(value: string | undefined): string {
  const text = value?.trim() ?? ''
  return /^none$/i.test(text) ? 'none' : text
}

function ofForm(line: OptionLine, lines: readonly OptionLine[]): AnnexRemark[] {
  const option = line.option.trim()
  if (option === '') return [remark('problem', line, 'noName')]
  const first = lines.find((other) => other.section === line.section && other.option.trim() === option)
  if (first !== line) return [remark('problem', line, 'twice')]
  if (line.section !== section && line.section.toLowerCase() === section.toLowerCase())
    return [remark('warning', line, 'section')]
  return []
}

function ofValue(line: OptionLine): AnnexRemark[] {
  const option = line.option.trim()
  if (option === '') return []
  const kind = knownOptions.get(option)
  const value = line.value.trim()
  if (kind === undefined) {
    const right = option.toLowerCase()
    return [
      knownOptions.has(right) ? remark('warning', line, 'spelling', { right }) : remark('warning', line, 'unknown'),
    ]
  }
  if (kind === 'text') return []
  if (kind === 'boolean') return booleans.has(value.toLowerCase()) ? [] : [remark('problem', line, 'boolean')]
  const [least, most] = kind
  const fits = /^[0-9]{1,15}$/.test(value) && Number(value) >= least && Number(value) <= most
  return fits ? [] : [remark('problem', line, 'number', { least, most })]
}

function remark(
  level: AnnexRemark['level'],
  { key, option }: OptionLine,
  what: AnnexRemark['what'],
  values: Partial<AnnexRemark['values']> = {},
): AnnexRemark {
  return { level, line: key, what, values: { option: option.trim(), least: 0, most: 0, right: '', ...values } }
}
