/** How the format of an IM travels with a text: as its content type. Pure. */

/** The longest content type that the T-Server takes, characters. */
const longestType = 1_024

const formatLine = /^X-MMS-IM-Format:[\x20-\x7e]*$/i

/**
 * The content type of a text with these formats, uc-ajax-api §3.1, §6: an `X-MMS-IM-Format` line goes into the parameter `msgr`, in
 * base64 of UTF-16 as [MS-CONFIM] and its clients have it. Anything else is plain text, for that is what all endpoints show.
 */
export function contentTypeOf(formats: readonly string[]): string {
  for (const format of formats) {
    const line = format.replace(/\]?\s*$/, '').trim() // a sample of the documentation ends in a stray bracket
    if (!formatLine.test(line)) continue
    const type = `text/plain; msgr=${Buffer.from(`${line}\r\n\r\n`, 'utf16le').toString('base64').replace(/=+$/, '')}`
    if (type.length <= longestType) return type
  }
  return 'text/plain'
}

/** What `format` says of a text with this content type. */
export function formatOf(contentType: string): string {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim())
  if (type.toLowerCase() !== 'text/plain') return contentType
  for (const parameter of parameters) {
    const [, encoded] = /^msgr="?([A-Za-z0-9+/=]+)"?$/i.exec(parameter) ?? []
    const line = encoded === undefined ? undefined : decoded(encoded)
    if (line !== undefined && formatLine.test(line)) return line
  }
  return 'text/plain'
}

/** The first line, whether it is UTF-16 or, as some write it, bytes. */
function decoded(base64: string): string | undefined {
  const bytes = Buffer.from(base64, 'base64')
  const text = bytes.toString(bytes[1] === 0 ? 'utf16le' : 'utf8')
  return text.split(/[\r\n]/, 1)[0]?.trim()
}
