import type { Fetch } from '@ringdown/client'
import { httpRequest } from './http-connection.ts'
import type { HttpPool } from './http-pool.ts'

/** JSON that is ASCII, as connections of a load generator want it. */
export const inAscii = (json: string): string =>
  json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Header fields as whole lines. */
export const linesOf = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')

/** The client package's requests over kept connections, so that a driver has one kind of connection only. */
export const poolFetch =
  (pool: HttpPool): Fetch =>
  async (url, { method, headers, body }) => {
    const { pathname, search } = new URL(url)
    const { 'Content-Type': _type, ...own } = headers
    const request = httpRequest(asMethod(method), pathname + search, linesOf(own), body && inAscii(body), pool.host)
    const { status, head, body: text } = await pool.send(request)
    const all = (name: string) =>
      [...head.matchAll(/\r\n([^:\r\n]+): *([^\r\n]*)/g)].flatMap(([, field = '', value = '']) =>
        field.toLowerCase() === name.toLowerCase() ? [value] : [],
      )
    return {
      status,
      headers: { get: (name) => all(name)[0] ?? null, getSetCookie: () => all('set-cookie') },
      text: () => Promise.resolve(text),
    }
  }

function asMethod(method: string): 'GET' | 'POST' | 'DELETE' {
  if (method === 'GET' || method === 'POST' || method === 'DELETE') return method
  throw new Error(`no request of a load agent is a ${method}`)
}
