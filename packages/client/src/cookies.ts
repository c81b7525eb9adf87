/**
 * The cookies of one server, for a client that no browser keeps them for. They are few and all for the same host and path, so names and
 * values are all that counts. In a browser no answer shows any, and this stays empty.
 */
export class Cookies {
  readonly #values = new Map<string, string>()

  /** Takes `Set-Cookie` lines; one with `Max-Age=0` is forgotten. */
  take(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';')
      const at = pair.indexOf('=')
      if (at < 1) continue
      const name = pair.slice(0, at).trim()
      if (attributes.some((attribute) => /^\s*max-age=(0|-.*)$/i.test(attribute))) this.#values.delete(name)
      else if (this.#values.has(name) || this.#values.size < limit) this.#values.set(name, pair.slice(at + 1).trim())
    }
  }

  /** The header to send; none where there is nothing to show. */
  header(): Record<string, string> {
    if (this.#values.size === 0) return {}
    return { Cookie: [...this.#values].map(([name, value]) => `${name}=${value}`).join('; ') }
  }
}

const limit = 16
