/** An id that nobody else makes: 18 random bytes. `randomUUID` is not there on pages without TLS. */
export function newID(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(18))
  return `c-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
