import { SaxesParser } from 'saxes'

/** An element of an answer, as it stands: nothing is done without regard to case here. */
export interface Element {
  name: string
  attributes: Readonly<Record<string, string>>
  children: readonly Element[]
  text: string
}

/** An answer that a client of the API could not have worked with. */
export class Malformed extends Error {
  readonly body: string

  constructor(why: string, body: string) {
    super(`${why}: ${body.slice(0, 2_000)}`)
    this.name = 'Malformed'
    this.body = body
  }
}

/**
 * Reads an answer as strictly as an XML parser can. The declaration is put in front by the client, as one of the third-party clients
 * does, so that an answer with a declaration, a byte order mark or a blank in front is not well-formed: uc-ajax-api §1.4.
 */
export function readStrictly(body: string): Element {
  if (!body.startsWith('<')) throw new Malformed('the answer does not begin with an element', body)
  const parser = new SaxesParser({ xmlns: false, position: false })
  const open: (Element & { children: Element[] })[] = []
  let root: Element | undefined
  parser.on('error', (error) => {
    throw new Malformed(error.message, body)
  })
  parser.on('doctype', () => {
    throw new Malformed('the answer has a document type', body)
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  const characters = (text: string) => {
    const element = open.at(-1)
    if (element) element.text += text
  }
  parser.on('text', characters)
  parser.on('cdata', characters)
  parser.on('closetag', () => {
    const closed = open.pop()
    if (open.length === 0) root = closed
  })
  parser.write(`<?xml version="1.0" encoding="UTF-8"?>${body}`).close()
  if (!root) throw new Malformed('the answer has no element', body)
  return root
}

/** The only child of this name. */
export function only(parent: Element, name: string): Element {
  const found = parent.children.filter((child) => child.name === name)
  const [first] = found
  if (!first || found.length > 1) throw new Error(`${found.length} elements ${name} in ${parent.name}`)
  return first
}

/** The child of this name, where there is one. */
export function find(parent: Element, name: string): Element | undefined {
  return parent.children.find((child) => child.name === name)
}

/** An attribute that has to be there. */
export function need({ name, attributes }: Element, attribute: string): string {
  const value = attributes[attribute]
  if (value === undefined) throw new Error(`${name} has no ${attribute}`)
  return value
}

/** An attribute that is a number. */
export function needNumber(element: Element, attribute: string): number {
  const value = need(element, attribute)
  if (!/^\d+$/.test(value)) throw new Error(`${element.name}/@${attribute} is no number: ${value}`)
  return Number(value)
}

/** Writes a text so that it can stand in an element or an attribute and comes back as it is, carriage returns too. */
export function xmlText(text: string): string {
  return text.replace(/[&<>"'\r]/g, (character) => `&#${character.charCodeAt(0)};`)
}
