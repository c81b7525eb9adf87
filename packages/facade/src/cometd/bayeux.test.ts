import { describe, expect, test } from 'vitest'
import { askedTimeout, extOf, limits, parseMessages, printReply, stringsOf } from './bayeux.ts'
import { matches, patternOf } from './channel.ts'
import { printConnectReply } from './connect-reply.ts'
import { parseBatch, parsePosition, printBatch } from './position.ts'

const message = { channel: '/meta/connect', id: '1' }

describe('a body', () => {
  test('[CD-2] is an array of messages or a single one', () => {
    expect(parseMessages(JSON.stringify([message, message]))).toEqual({ messages: [message, message] })
    expect(parseMessages(JSON.stringify(message))).toEqual({ messages: [message] })
  })

  test.each([
    ['nothing', ''],
    ['no JSON', '[{"channel":'],
    ['an empty array', '[]'],
    ['null', 'null'],
    ['null in an array', '[null]'],
    ['a number', '[1]'],
    ['a text', '"/meta/connect"'],
    ['an array in an array', '[[{"channel":"/meta/connect"}]]'],
    ['a message without a channel', '[{"id":"1"}]'],
    ['a channel that is an object', '[{"channel":{}}]'],
    ['a channel that is too long', JSON.stringify([{ channel: `/${'x'.repeat(300)}` }])],
    ['an id that is an object', '[{"channel":"/meta/connect","id":{"a":1}}]'],
    ['an id that is too long', JSON.stringify([{ ...message, id: 'x'.repeat(65) }])],
    ['a deep array', `[{"channel":"/a","data":${'['.repeat(30_000)}${']'.repeat(30_000)}}]`],
    ['a deep object', `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`],
  ])('[CD-3] with %s is refused', (_what, body) => {
    expect(parseMessages(body)).toMatchObject({ status: 400 })
  })

  test('[CD-3] with more than 64 messages is too large', () => {
    const many = (count: number) => JSON.stringify(Array.from({ length: count }, () => message))
    expect(parseMessages(many(limits.messages))).toMatchObject({ messages: expect.anything() })
    expect(parseMessages(many(limits.messages + 1))).toMatchObject({ status: 413 })
  })

  test('[CD-3] may have brackets and quotes within its texts', () => {
    const text = `${'[{'.repeat(50)}\\"${']'.repeat(50)}`
    expect(parseMessages(JSON.stringify([{ ...message, data: { text } }]))).toMatchObject({ messages: [{}] })
  })

  test('[CD-3] fields of the wrong type are as if they were missing, and names of every object are not looked up', () => {
    const parsed = parseMessages(
      '[{"channel":"/meta/connect","id":null,"advice":[],"ext":"x","subscription":[1],"__proto__":{"clientId":"x"}}]',
    )
    const odd = 'messages' in parsed ? parsed.messages[0] : undefined
    expect(odd && askedTimeout(odd)).toBeUndefined()
    expect(odd && extOf(odd, 'ack')).toBeUndefined()
    expect(odd?.clientId).toBeUndefined()
    expect(stringsOf([1])).toBeUndefined()
    expect(stringsOf({ 0: 'a' })).toBeUndefined()
    for (const timeout of [-1, '0', null, Number.NaN])
      expect(askedTimeout({ ...message, advice: { timeout } })).toBeUndefined()
    expect(askedTimeout({ ...message, advice: { timeout: 0 } })).toBe(0)
    expect(extOf({ ...message, ext: JSON.parse('{"__proto__":{"ack":true}}') }, 'ack')).toBeUndefined()
  })
})

describe('a reply', () => {
  test('[CD-11] echoes the id as it was, or none', () => {
    expect(JSON.parse(printReply({ channel: '/a', id: 7 }, { successful: true }))).toEqual({
      id: 7,
      channel: '/a',
      successful: true,
    })
    expect(JSON.parse(printReply({ channel: '/a' }, { successful: true }))).toEqual({ channel: '/a', successful: true })
  })

  test('[CD-19] of a connect put together by hand is what JSON.stringify would say', () => {
    for (const id of [undefined, null, 3, 'a"b\u2028', ''])
      for (const batch of [undefined, 0, 12])
        for (const advice of [undefined, { reconnect: 'retry' as const, interval: 0 }])
          for (const timesync of [undefined, { tc: 5 }, { tc: 'x' }]) {
            const text = printConnectReply('c1', { id, timesync }, { batch, advice, now: 9 })
            const synced = timesync?.tc === 5
            const ext = {
              ...(batch !== undefined && { ack: batch }),
              ...(synced && { timesync: { tc: 5, ts: 9, p: 0, a: 0 } }),
            }
            expect(JSON.parse(text)).toEqual({
              ...(id !== undefined && id !== null && { id }),
              channel: '/meta/connect',
              clientId: 'c1',
              successful: true,
              ...(advice && { advice }),
              ...((batch !== undefined || synced) && { ext }),
            })
          }
  })
})

describe('channels', () => {
  test('[CD-12] a pattern covers what Bayeux says it does', () => {
    const covered = (pattern: string) =>
      ['/v2/me/im-sessions', '/v2/me/devices'].map((topic) => matches(pattern, topic))
    expect(covered('/**')).toEqual([true, true])
    expect(covered('/v2/**')).toEqual([true, true])
    expect(covered('/v2/me/*')).toEqual([true, true])
    expect(covered('/v2/me/devices')).toEqual([false, true])
    expect(covered('/v2/me/im-sessions')).toEqual([true, false])
    for (const none of ['/*', '/v2/*', '/v2/me', '/v2/me/calls', '/v2/me/im-sessions/**', '/v2/me/im-*'])
      expect(covered(none)).toEqual([false, false])
  })

  test('[CD-12] what cannot be subscribed is not known', () => {
    for (const name of [
      '',
      '/',
      '*',
      '/v2/me/im-sessions/',
      '/v2/me/x',
      '/meta/connect',
      '/service/x',
      '/meta/*',
      'constructor',
      '__proto__',
    ])
      expect(patternOf(name), name).toBeUndefined()
    for (const name of [
      '/**',
      '/*',
      '/v2/me/*',
      '/v2/me/**',
      '/v2/**',
      '/v2/me/calls',
      '/notifications/services',
      '/v2/me',
    ])
      expect(patternOf(name), name).toBeDefined()
  })
})

describe('positions and batch numbers', () => {
  test('[CD-23] a position is an epoch and an offset; everything else is none', () => {
    expect(parsePosition('a:b.c-1:12')).toEqual({ epoch: 'a:b.c-1', offset: 12 })
    for (const text of [
      '',
      '1',
      'e:',
      ':1',
      'e:-1',
      'e:1.5',
      'e:1 ',
      `e:${'9'.repeat(20)}`,
      'e'.repeat(200),
      12,
      null,
      {},
      ['e:1'],
    ])
      expect(parsePosition(text)).toBeUndefined()
  })

  test('[CD-21] a batch number is the offset, and the generation above bit 40', () => {
    expect(printBatch(0, 17)).toBe(17)
    expect(parseBatch(printBatch(3, 17))).toEqual({ generation: 3, offset: 17 })
    expect(parseBatch(-1)).toEqual({ generation: 0, offset: 0 })
    for (const odd of ['1', null, 1.5, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1, {}, true])
      expect(parseBatch(odd)).toBeUndefined()
    expect(Number.isSafeInteger(printBatch(8_191, 2 ** 40 - 1))).toBe(true)
  })
})
