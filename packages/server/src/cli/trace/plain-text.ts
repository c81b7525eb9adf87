/** Text of others for a terminal: it must neither move the cursor nor change what is shown elsewhere. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for; the rest turns the direction of writing
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Lines as they are, with `·` for what a terminal would obey. Ends of lines may be CRLF. */
export const plainLines = (text: string): string => text.replaceAll('\r\n', '\n').replace(controls, '·')

/** One line. */
export const plainLine = (text: string): string => plainLines(text).replace(/[\n\t]/g, ' ')

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
const none = /^(?:\p{Mn}|\p{Me}|\u200b|\u200c|\u200d)$/u

/** Columns a character takes: of UAX #11 what terminals agree on. */
export function columnsOf(character: string): 0 | 1 | 2 {
  if (none.test(character)) return 0
  return wide.test(character) ? 2 : 1
}

export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += columnsOf(character)
  return width
}

/** At most so many columns, with a mark where something is left out. */
export function cut(text: string, width: number, mark = '…'): string {
  if (widthOf(text) <= width) return text
  let cut = ''
  let room = width - widthOf(mark)
  for (const character of text) {
    room -= columnsOf(character)
    if (room < 0) break
    cut += character
  }
  return width >= widthOf(mark) ? cut + mark : ''
}

/** Lines of words that are no wider; so many at most, the last of them cut. A word that does not fit is broken. */
export function wrap(text: string, width: number, most: number, mark = '…'): string[] {
  const lines: string[] = []
  let rest = text
  while (widthOf(rest) > width && lines.length < most - 1) {
    const fits = cut(rest, width, '')
    const space = fits.lastIndexOf(' ')
    const at = rest[fits.length] === ' ' ? fits.length : space > 0 ? space : Math.max(1, fits.length)
    lines.push(rest.slice(0, at))
    rest = rest.slice(at).trimStart()
  }
  return [...lines, cut(rest, width, mark)]
}
