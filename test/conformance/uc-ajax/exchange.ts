import { readdirSync, readFileSync } from 'node:fs'

/**
 * A file of exchanges is plain text. Blank lines and those that begin with `#` say nothing.
 *
 *     === D 3.4 | missing content is invalid      begins an exchange: mark and section of uc-ajax-api, what it shows
 *     given talking                               who has done what before (`player.ts`)
 *     option strict true                          how the API is set for this exchange; `site`: how the engine is
 *     --- alice posts                             a step; the lines up to the next one are its body, blanks around them cut off
 *     @ Content-Type: text/xml                    more about the step: a header, or `no ticket`
 *     <cwaRequests sid="{sid}">…
 *     --- 200                                     the answer the step before must have got: status and, exactly, the body
 *     <cwaResponses …>
 *
 * `{name}` stands for what the player knows under that name, `{u+1F600}` for a character, `{hex ff fe}` for bytes, `{1000 * <a>}` for a
 * repetition. In an answer `{}` is any text without markup and quotes, `{*}` anything, and `{?name}` any text that is `{name}` later.
 */
export interface Exchange {
  mark: string
  section: string
  title: string
  /** File and line. */
  at: string
  options: Readonly<Record<string, unknown>>
  site: Readonly<Record<string, number>>
  given: readonly string[]
  steps: readonly Step[]
}

export interface Step {
  /** What stands behind `---`. */
  does: string
  /** What stands behind `@`. */
  more: readonly string[]
  body: string
  line: number
}

const folder = new URL('exchanges/', import.meta.url)

/** All files of exchanges, by name. */
export function readExchanges(): ReadonlyMap<string, readonly Exchange[]> {
  const names = readdirSync(folder).sort()
  return new Map(names.map((name) => [name, parseExchanges(readFileSync(new URL(name, folder), 'utf8'), name)]))
}

/** The same where nobody can say how many seconds are left: a clock runs, or another node has seen the user last. */
export function timeless(exchange: Exchange): Exchange {
  const loose = (body: string) => body.replace(/sessionTimeout="\d+"/, 'sessionTimeout="{}"')
  return { ...exchange, steps: exchange.steps.map((step) => ({ ...step, body: loose(step.body) })) }
}

interface Open extends Exchange {
  options: Record<string, unknown>
  site: Record<string, number>
  given: string[]
  steps: (Step & { more: string[] })[]
}

export function parseExchanges(text: string, file: string): readonly Exchange[] {
  const exchanges: Open[] = []
  text.split('\n').forEach((written, i) => {
    const line = written.trim()
    const at = `${file}:${i + 1}`
    const exchange = exchanges.at(-1)
    const step = exchange?.steps.at(-1)
    if (line === '' || line.startsWith('#')) return
    if (line.startsWith('===')) exchanges.push(begin(line, at))
    else if (!exchange) throw new Error(`${at}: nothing has begun`)
    else if (line.startsWith('--- ')) exchange.steps.push({ does: line.slice(4), more: [], body: '', line: i + 1 })
    else if (step && line.startsWith('@ ')) step.more.push(line.slice(2))
    else if (step) step.body += step.more.includes('as it stands') ? `${written}\n` : line
    else if (!preamble(exchange, line)) throw new Error(`${at}: what is '${line}'?`)
  })
  return exchanges
}

function begin(line: string, at: string): Open {
  const [, mark, section, title] = /^=== (D|C|I|U|D\/I) (\d[\d.]*(?:#\d+)?) \| (.+)$/.exec(line) ?? []
  if (mark === undefined || section === undefined || title === undefined)
    throw new Error(`${at}: '=== mark section | title' is expected`)
  return { mark, section, title, at, options: {}, site: {}, given: [], steps: [] }
}

function preamble(exchange: Open, line: string): boolean {
  const [word, name, value] = line.split(' ')
  if (word === 'given') exchange.given.push(...line.split(' ').slice(1))
  else if (word === 'option' && name !== undefined && value !== undefined) exchange.options[name] = JSON.parse(value)
  else if (word === 'site' && name !== undefined) exchange.site[name] = Number(value)
  else return false
  return true
}

/** What the names in braces stand for. */
export type Known = ReadonlyMap<string, string>

/** The bytes of a request's body. */
export function fill(template: string, known: Known, encoding: BufferEncoding = 'utf8'): Buffer {
  const parts = template.split(/(\{[^{}]*\})/)
  return Buffer.concat(parts.map((part) => (part.startsWith('{') ? stands(part, known, encoding) : encode(part))))

  function encode(text: string): Buffer {
    return Buffer.from(text, encoding)
  }
}

function stands(braced: string, known: Known, encoding: BufferEncoding): Buffer {
  const inner = braced.slice(1, -1)
  const [, character] = /^u\+([0-9a-f]{2,6})$/i.exec(inner) ?? []
  if (character !== undefined) return Buffer.from(String.fromCodePoint(Number.parseInt(character, 16)), encoding)
  const [, bytes] = /^hex ([0-9a-f ]+)$/i.exec(inner) ?? []
  if (bytes !== undefined) return Buffer.from(bytes.replaceAll(' ', ''), 'hex')
  const [, times, what] = /^(\d+) \* (.+)$/.exec(inner) ?? []
  if (times !== undefined && what !== undefined) return Buffer.from(what.repeat(Number(times)), encoding)
  const value = known.get(inner)
  if (value === undefined) throw new Error(`nobody knows {${inner}}`)
  return Buffer.from(value, encoding)
}

/** What an answer that was expected has taught, or how it differs. */
export function compare(
  expected: string,
  body: string,
  known: Known,
): { learnt: ReadonlyMap<string, string> } | { expected: string } {
  const names: string[] = []
  const parts = expected.split(/(\{[^{}]*\})/).map((part) => {
    if (part === '{*}') return '[^]*?'
    if (part === '{}') return '[^<>"]*'
    const [, name] = /^\{\?([\w.]+)\}$/.exec(part) ?? []
    if (name !== undefined) {
      names.push(name)
      return '([^<>"]*)'
    }
    const before = names.indexOf(part.slice(1, -1))
    if (part.startsWith('{') && before >= 0) return `(?:\\${before + 1})`
    return literally(part.startsWith('{') ? stands(part, known, 'utf8').toString() : part)
  })
  const found = new RegExp(`^${parts.join('')}$`).exec(body)
  if (found) return { learnt: new Map(names.map((name, i) => [name, found[i + 1] ?? ''])) }
  return { expected: expected.replace(/\{([\w.]+)\}/g, (whole, name: string) => known.get(name) ?? whole) }
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
