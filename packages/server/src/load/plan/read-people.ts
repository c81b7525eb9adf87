/** An agent that exists, as a CSV names it. */
export interface ListedPerson {
  userName: string
  password: string
  number: string
}

const columns = ['userName', 'password', 'number'] as const
const most = 20_000

/** Reads CSV (RFC 4180) whose first line names the columns. A mistake is told with its line and without what stands there. */
export function readPeople(text: string): { people: readonly ListedPerson[] } | { problem: string } {
  const [head, ...rows] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const names = fields(head ?? '')
  if (!names?.includes('password') || !names.includes('number'))
    return { problem: `the first line has to name the columns ${columns.join(', ')}` }
  const people: ListedPerson[] = []
  for (const [i, row] of rows.entries()) {
    if (row.trim() === '') continue
    const values = fields(row)
    if (values?.length !== names.length) return { problem: `line ${i + 2} has not as many fields as the first line` }
    const value = (name: string) => values[names.indexOf(name)] ?? ''
    const person = { userName: value('userName'), password: value('password'), number: value('number') }
    if (person.password === '' || person.number === '')
      return { problem: `line ${i + 2} has no ${person.number === '' ? 'number' : 'password'}` }
    if (people.push(person) > most) return { problem: `more than ${most} agents` }
  }
  return people.length > 0 ? { people } : { problem: 'there is nobody in it' }
}

/** The fields of a line; undefined where its quotes do not match. */
function fields(line: string): string[] | undefined {
  const found: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/gy
  for (let match = field.exec(line); match; match = field.exec(line)) {
    found.push(match[1]?.replaceAll('""', '"') ?? (match[2] ?? '').trim())
    if (match[3] === '') return found
  }
  return undefined
}
