import type { HeaderLine } from '../../sip/message/message.ts'

/** A SIP message as applications write it: drachtio-server looks for an empty line, and believes no Content-Length. */
export interface Parts {
  readonly startLine: string
  readonly headers: readonly HeaderLine[]
  readonly body: Buffer
}

/** Those applications cannot set. */
const immutable = new Set(['via', 'route', 'rseq', 'record-route', 'content-length'])
/** Those in which `@localhost` is the server. */
const addressed = new Set(['from', 'to', 'contact', 'p-asserted-identity'])

export function parseParts(message: Buffer): Parts {
  const blank = message.indexOf('\r\n\r\n')
  const head = message.toString('utf8', 0, blank === -1 ? message.length : blank)
  const [startLine = '', ...lines] = head.split('\r\n')
  return {
    startLine,
    headers: lines.flatMap((line): HeaderLine[] => {
      const colon = line.indexOf(':')
      return colon < 1 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]]
    }),
    body: blank === -1 ? Buffer.alloc(0) : message.subarray(blank + 4),
  }
}

/** The headers of an application as the server sends them. `self`: its `host:port`. */
export function allowedHeaders({ headers }: Parts, self: string, leaveOut: readonly string[]): HeaderLine[] {
  return headers.flatMap(([name, value]): HeaderLine[] => {
    const key = name.toLowerCase()
    if (immutable.has(key) || leaveOut.includes(key)) return []
    return [[name, addressed.has(key) ? value.replace('@localhost', `@${self}`) : value]]
  })
}

export function headerOf({ headers }: Pick<Parts, 'headers'>, name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1]
}
