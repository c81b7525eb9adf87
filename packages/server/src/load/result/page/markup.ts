const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text that cannot end the element or the attribute it stands in. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => entities[c] ?? c)

type Attributes = Readonly<Record<string, string | number>>

/** An element. `inner` is markup already. */
export function element(name: string, attributes: Attributes = {}, ...inner: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
  return `<${name}${written.join('')}>${inner.join('')}</${name}>`
}

/** An element that holds text. */
export const textElement = (name: string, attributes: Attributes, text: string): string =>
  element(name, attributes, escaped(text))
