/** A piece of XML as it is written. */
export interface XmlToken {
  readonly kind: 'tag' | 'text' | 'cdata' | 'other'
  readonly text: string
}

/**
 * XML cut into tags, text, CDATA sections and what is neither (comments, declarations). Put together again they are what was given.
 * What a client has sent need not be XML: where something is not closed, all that is left is text. One pass, whatever it is.
 */
export function* xmlTokens(xml: string): Generator<XmlToken> {
  let at = 0
  while (at < xml.length) {
    const [kind, end] = tokenAt(xml, at)
    yield { kind, text: xml.slice(at, end) }
    at = end
  }
}

function tokenAt(xml: string, at: number): [XmlToken['kind'], number] {
  if (xml[at] !== '<') {
    const next = xml.indexOf('<', at)
    return ['text', next < 0 ? xml.length : next]
  }
  if (xml.startsWith('<![CDATA[', at)) return closed(xml, 'cdata', xml.indexOf(']]>', at), 3)
  if (xml.startsWith('<!--', at)) return closed(xml, 'other', xml.indexOf('-->', at + 4), 3)
  if (xml[at + 1] === '!' || xml[at + 1] === '?') return closed(xml, 'other', xml.indexOf('>', at), 1)
  return closed(xml, 'tag', tagEnd(xml, at), 1)
}

function closed(xml: string, kind: XmlToken['kind'], end: number, length: number): [XmlToken['kind'], number] {
  return end < 0 ? ['text', xml.length] : [kind, end + length]
}

/** Where the tag's `>` is, outside of quotes; -1 where there is none. */
function tagEnd(xml: string, from: number): number {
  let quote = ''
  for (let at = from + 1; at < xml.length; at++) {
    const character = xml[at] as string
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === '"' || character === "'") quote = character
    else if (character === '>') return at
    else if (character === '<') return -1
  }
  return -1
}

/** The name in a tag, without its prefix, as written. */
export function tagName(tag: string): string {
  const name = /^<\/?([^\s/>]*)/.exec(tag)?.[1] ?? ''
  return name.slice(name.indexOf(':') + 1)
}
