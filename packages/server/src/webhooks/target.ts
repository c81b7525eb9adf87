import { isIP } from 'node:net'

/** Ports beyond 1023 that speak something that takes harm from HTTP; browsers refuse them too (Fetch standard, "bad port"). */
const badPorts = new Set([1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6679, 6697, 10080])
for (let irc = 6665; irc <= 6669; irc++) badPorts.add(irc)

/** Why a webhook cannot be sent to a URL, whatever its host's addresses are; undefined where it can. SPEC WH-31. */
export function targetProblem(text: string, allowsPrivate: boolean): string | undefined {
  if (!URL.canParse(text)) return 'is no URL'
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https://'
  if (url.username !== '' || url.password !== '') return 'must hold no user and no password'
  if (url.hash !== '') return 'has a fragment, which is never sent'
  if (url.protocol === 'http:' && !allowsPrivate)
    return 'must begin with https://; http:// is for networks named in allowPrivate'
  const port = portOf(url)
  const usual = url.protocol === 'https:' ? 443 : 80
  if (port !== usual && (port < 1024 || badPorts.has(port)))
    return `has port ${port}; take ${usual}, or one from 1024 that is not known for another protocol`
  return undefined
}

/** The host of a URL that is an address in itself, however it was written; undefined for a name. */
export function literalHost(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 ? undefined : host
}

export function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}
