/** One name and its value, as they stand in the form of a new session. */
export interface Row {
  /** Tells rows apart while they are written; never shown. */
  id: number
  name: string
  value: string
}

/** What was written for a new session beside its number. */
export interface StartForm {
  topic: string
  rows: readonly Row[]
}

export const emptyForm: StartForm = { topic: '', rows: [] }

/** So many rows at most: who has more to say attaches it in the session. */
export const rowLimit = 20

export function withRow({ topic, rows }: StartForm): StartForm {
  if (rows.length >= rowLimit) return { topic, rows }
  const id = Math.max(0, ...rows.map((row) => row.id)) + 1
  return { topic, rows: [...rows, { id, name: '', value: '' }] }
}

/** The user data a session begins with. Of two rows of one name the later counts; the topic is the field's, not a row's. SPEC DT-28. */
export function startData({ topic, rows }: StartForm): Readonly<Record<string, string>> {
  const pairs = rows.map(({ name, value }) => [name.trim(), value] as const).filter(([name]) => name !== '')
  const subject = topic.trim()
  return Object.fromEntries(subject === '' ? pairs : [...pairs, ['Subject', subject] as const])
}
