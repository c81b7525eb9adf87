import type { Ladder, LadderEntry } from '@ringdown/facade'

const laneWidth = 330
const timeWidth = 110
const rowHeight = 26
const top = 64
const margin = 24
const longestTitle = 38

/** Colours of kinds: ones that can be read on white, and ones on black. Kinds are told by their word as well. */
export const kinds = {
  rest: { word: 'REST', light: '#0b57a4', dark: '#8ab4f8' },
  tevent: { word: 'T-event', light: '#5f6368', dark: '#bdc1c6' },
  sip: { word: 'SIP', light: '#a50e0e', dark: '#f6aea9' },
  msrp: { word: 'MSRP', light: '#7b1fa2', dark: '#e0b0ff' },
  cometd: { word: 'CometD', light: '#0d652d', dark: '#81c995' },
  ucajax: { word: 'UC AJAX', light: '#8a4b00', dark: '#fcc77d' },
} as const satisfies Record<LadderEntry['kind'], object>

/** The ladder as a picture: a lane for each party, a line for each thing that passed. Without a script; light or dark as the reader has it. */
export function makeSvg(ladder: Ladder): string {
  const { lanes, entries } = ladder
  const x = new Map(lanes.map(({ id }, at) => [id, timeWidth + margin + laneWidth * (at + 0.5)]))
  const width = timeWidth + margin * 2 + laneWidth * Math.max(1, lanes.length)
  const height = top + rowHeight * (entries.length + 1) + margin * 2
  const began = entries[0]?.at ?? 0
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(`Ladder of session ${ladder.callUUID}`)}">`,
    `<title>${escaped(`Ladder of session ${ladder.callUUID}`)}</title>`,
    style(),
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...lanes.map(({ id, label }) => lane(x.get(id) ?? 0, label, height)),
    ...entries.map((entry, row) => line(entry, x, top + rowHeight * (row + 1), entry.at - began)),
    foot(ladder, height - margin / 2),
    '</svg>\n',
  ]
  return parts.join('\n')
}

function style(): string {
  const colours = (shade: 'light' | 'dark') =>
    Object.entries(kinds)
      .map(([kind, colour]) => `.${kind}{fill:${colour[shade]}}line.${kind}{stroke:${colour[shade]}}`)
      .join('')
  const base =
    'text{font:12px ui-monospace,Menlo,Consolas,monospace;stroke-width:4px;paint-order:stroke}.lane{stroke-dasharray:2 4}.again{stroke-dasharray:6 3}'
  const light = `.paper{fill:#fff}text{stroke:#fff}.ink{fill:#202124}.lane{stroke:#80868b}${colours('light')}`
  const dark = `.paper{fill:#121212}text{stroke:#121212}.ink{fill:#e8eaed}.lane{stroke:#9aa0a6}${colours('dark')}`
  return `<style>${base}${light}@media (prefers-color-scheme:dark){${dark}}</style>`
}

function lane(x: number, label: string, height: number): string {
  return `<text class="ink" x="${x}" y="${top - 24}" text-anchor="middle">${escaped(cut(label, 28))}</text><line class="lane" x1="${x}" y1="${top - 12}" x2="${x}" y2="${height - margin * 1.5}"/>`
}

function line(entry: LadderEntry, lanes: ReadonlyMap<string, number>, y: number, since: number): string {
  const [from, to] = [lanes.get(entry.from) ?? 0, lanes.get(entry.to) ?? 0]
  const time = `<text class="ink" x="${timeWidth}" y="${y + 4}" text-anchor="end">${(since / 1000).toFixed(4)} s</text>`
  const words = `${kinds[entry.kind].word} ${cut(entry.title, entry.repeated ? longestTitle - 8 : longestTitle)}${entry.repeated ? ' (again)' : ''}`
  const label = `<tspan>${escaped(words)}</tspan>`
  const title = `<title>${escaped(`${entry.id} ${entry.title}`)}</title>`
  if (from === to)
    return `<g>${title}${time}<circle class="${entry.kind}" cx="${from}" cy="${y}" r="4"/><text class="${entry.kind}" x="${from + 9}" y="${y + 4}">${label}</text></g>`
  const point = to > from ? -7 : 7
  const shape = `<line class="${entry.kind}${entry.repeated ? ' again' : ''}" x1="${from}" y1="${y}" x2="${to}" y2="${y}"/><path class="${entry.kind}" d="M${to} ${y}l${point} -4v8z"/>`
  return `<g>${title}${time}${shape}<text class="${entry.kind}" x="${(from + to) / 2}" y="${y - 5}" text-anchor="middle">${label}</text></g>`
}

/** What a ladder does not have, in sentences. */
export function missingFrom({ discarded, silent }: Pick<Ladder, 'discarded' | 'silent'>): readonly string[] {
  const missing = Object.entries(discarded).map(([reason, bytes]) => `${bytes} bytes ${reason}`)
  return [
    ...(missing.length > 0 ? [`Not all was kept: ${missing.join(', ')}.`] : []),
    ...(silent.length > 0 ? [`Did not answer: ${silent.join(', ')}.`] : []),
  ]
}

/** What is missing, in a line under the picture. */
function foot(ladder: Ladder, y: number): string {
  const said = missingFrom(ladder)
  return said.length > 0 ? `<text class="ink" x="${margin}" y="${y}">${escaped(said.join(' '))}</text>` : ''
}

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text)

function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 §2.2 forbids them
  const allowed = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
  return allowed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
