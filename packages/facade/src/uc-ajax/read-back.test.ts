import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { read } from '../testing/cwa-body.ts'
import type { CwaRequest } from './request.ts'
import { escapeAttribute, escapeText } from './xml.ts'

describe('a request that was printed', () => {
  const printable = fc
    .string({ unit: 'binary' })
    .map((text) => text.replace(/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ''))
  const rid = printable.filter((text) => text !== '' && Buffer.byteLength(text) <= 60)
  const text = printable.filter((found) => found.trim() !== '')
  const line = text.map((found) => found.replace(/\s+/g, ' ').trim())
  const format = line.filter((found) => !found.endsWith(']'))
  const confId = fc.nat({ max: 2 ** 31 - 1 })
  const uris = fc.array(line, { minLength: 1, maxLength: 32 })

  const requests: fc.Arbitrary<CwaRequest> = fc.oneof(
    fc.record({ request: fc.constant('terminateSession' as const), rid }),
    fc.record({
      request: fc.constant('initiateImSession' as const),
      rid,
      confId,
      uris,
      message: fc.record({ formats: fc.array(format, { maxLength: 8 }), content: text }),
      subject: line,
    }),
    fc.record({ request: fc.constantFrom('acceptImSession' as const, 'terminateImSession' as const), rid, confId }),
    fc.record({
      request: fc.constant('sendMessage' as const),
      rid,
      confId,
      message: fc.record({ formats: fc.array(format, { maxLength: 8 }), content: text }),
    }),
    fc.record({ request: fc.constant('notifyComposing' as const), rid, confId, composing: fc.boolean() }),
    fc.record({ request: fc.constant('inviteParticipants' as const), rid, confId, uris }),
    fc.record({
      request: fc.constantFrom('ejectParticipant' as const, 'promoteParticipant' as const),
      rid,
      confId,
      uri: line,
    }),
    fc.record({ request: fc.constant('lock' as const), rid, confId, lock: fc.boolean() }),
    fc.record({ request: fc.constant('queryPresence' as const), rid, uris }),
  )

  const element = (name: string, content: string) => `<${name}>${escapeText(content)}</${name}>`
  const list = (found: readonly string[]) => `<uris>${found.map((one) => element('uri', one)).join('')}</uris>`

  /** A client's hand, for what the property makes. */
  function print(request: CwaRequest): string {
    const mixed = request.request.replace(/e/g, 'E')
    if (request.request === 'terminateSession') return `<${mixed} rid="${escapeAttribute(request.rid)}"/>`
    if (request.request === 'queryPresence')
      return `<${mixed} rid="${escapeAttribute(request.rid)}">${list(request.uris)}</${mixed}>`
    if (!('confId' in request)) throw new Error('not one of these')
    return `<conference confid="${request.confId}" rid="${escapeAttribute(request.rid)}"><${mixed}>${within(request)}</${mixed}></conference>`
  }

  function within(request: CwaRequest): string {
    switch (request.request) {
      case 'initiateImSession':
        return `${list(request.uris)}<message>${message(request.message)}</message>${element('subject', request.subject ?? '')}`
      case 'sendMessage':
        return message(request.message)
      case 'inviteParticipants':
        return list(request.uris)
      case 'notifyComposing':
        return request.composing ? 'composing' : 'idle'
      case 'lock':
        return String(request.lock)
      case 'ejectParticipant':
      case 'promoteParticipant':
        return escapeText(request.uri)
      default:
        return ''
    }
  }

  function message({ formats, content }: { formats: readonly string[]; content: string }): string {
    return formats.map((one) => element('format', one)).join('') + element('content', content)
  }

  test('[UC-6, UC-8, UC-10, UC-11] is read as it was, strict or not', () => {
    fc.assert(
      fc.property(fc.array(requests, { maxLength: 8 }), fc.boolean(), (wanted, strict) => {
        expect(read(wanted.map(print).join('\n'), { strict })).toEqual({ sid: 52, requests: wanted, unexpected: 0 })
      }),
    )
  })
})
