/** An XML element as it was read; names without prefix, in the letter case of the document. */
export interface XmlElement {
  readonly name: string
  /** By name without prefix; namespace declarations are not among them. */
  readonly attributes: ReadonlyMap<string, string>
  /** Elements only, in order. */
  readonly children: readonly XmlElement[]
  /** All character data directly within, joined, as it stands. */
  readonly text: string
}

/** The child of this name, whatever the letter case: uc-ajax-api §6. The first one where there are several. */
export function child(element: XmlElement, name: string): XmlElement | undefined {
  return childrenOf(element, name)[0]
}

export function childrenOf({ children }: XmlElement, name: string): readonly XmlElement[] {
  const wanted = name.toLowerCase()
  return children.filter((one) => one.name.toLowerCase() === wanted)
}

/** The attribute of this name, whatever the letter case. */
export function attribute({ attributes }: XmlElement, name: string): string | undefined {
  const exact = attributes.get(name)
  if (exact !== undefined) return exact
  const wanted = name.toLowerCase()
  for (const [key, value] of attributes) if (key.toLowerCase() === wanted) return value
  return undefined
}
