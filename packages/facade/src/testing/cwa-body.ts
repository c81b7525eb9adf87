import { expect } from 'vitest'
import { readRequests } from '../uc-ajax/read-requests.ts'
import type { CwaRequest, CwaRequests } from '../uc-ajax/request.ts'
import { readXml } from '../uc-ajax/xml.ts'

interface How {
  channel?: 'logon' | 'command'
  strict?: boolean
}

/** What a whole body is read as. */
export function readBody(body: string, { channel = 'command', strict = false }: How = {}) {
  const root = readXml(new TextEncoder().encode(body), 'text/xml')
  if ('problem' in root) throw new Error(root.problem)
  return readRequests(root, { channel, strict })
}

/** Requests that stand in a `cwaRequests` of session 52. */
export function read(inner: string, how: How = {}): CwaRequests {
  const found = readBody(`<cwaRequests sid="52">${inner}</cwaRequests>`, how)
  if ('failure' in found) throw new Error(found.failure.detail)
  return found
}

export function readOne(inner: string, how: How = {}): CwaRequest | undefined {
  const { requests } = read(inner, how)
  expect(requests).toHaveLength(1)
  return requests[0]
}

export function conference(inner: string, attributes = 'confId="1" rid="2"'): string {
  return `<conference ${attributes}>${inner}</conference>`
}

/** A request that could not be read. */
export function invalid(detail: string, rid?: string) {
  return {
    request: 'invalid',
    ...(rid !== undefined && { rid }),
    failure: { code: 'InvalidRequest', reason: 'Invalid Request', detail },
  }
}

/** What most requests of a test do not care about. */
export const toBob = '<uris><uri>sip:bob@example.com</uri></uris>'
