import { examine, type ParseFault, type SipMessage } from '@ringdown/signalling/testing'
import { describe, expect, test } from 'vitest'
import { endpoint, relay } from '../capabilities.ts'
import { answerStatus, asDatagram, asStream, everything, vector, vectorNames, waysToArrive } from '../feed.ts'
import { invalid, type Outcome, valid } from './outcomes.ts'

const folders = { 'rfc4475/valid': valid, 'rfc4475/invalid': invalid }

function check(read: SipMessage | ParseFault, outcome: Outcome): void {
  if (read.kind === 'fault') {
    expect(outcome.reads, read.why).toBeUndefined()
    expect(answerStatus(read)).toBe(outcome.answer)
    expect(read.answer === undefined).toBe(outcome.silent === true)
    return
  }
  expect(outcome.reads, 'accepted').toBeDefined()
  outcome.reads?.(read)
  if (read.kind !== 'request') return
  checkRefusal(examine(read, endpoint), outcome.refused)
  checkRefusal(examine(read, relay), outcome.relayRefuses ?? outcome.refused)
}

function checkRefusal(reply: ReturnType<typeof examine>, expected: Outcome['refused']): void {
  expect(reply?.status).toBe(expected?.[0])
  const header = reply?.headers?.find(([name]) => name === expected?.[1])
  expect(header?.[0]).toBe(expected?.[1])
  if (expected?.[2] !== undefined) expect(header?.[1]).toBe(expected[2])
}

function checkStream(stream: ReturnType<typeof asStream>, outcome: Outcome, whole: SipMessage | ParseFault): void {
  const [first, ...more] = stream.read
  if (outcome.stream === 'waits') {
    expect([first, stream.pending]).toEqual([undefined, true])
    return
  }
  if (!first) throw new Error('nothing was read')
  if (outcome.stream === undefined || outcome.stream === 'goes on behind it') {
    expect(everything(first)).toEqual(everything(whole))
    expect(more.length > 0).toBe(outcome.stream !== undefined)
    return
  }
  expect(first.kind === 'fault' && [answerStatus(first), first.fatal]).toEqual([outcome.stream.answer, true])
}

describe('RFC 4475', () => {
  test('[SC-1] has 49 messages, and each has an outcome', () => {
    const names = Object.keys(folders).flatMap((folder) => vectorNames(folder))
    expect(names).toHaveLength(49)
    expect([...vectorNames('rfc4475/valid')].sort()).toEqual(Object.keys(valid).sort())
    expect([...vectorNames('rfc4475/invalid')].sort()).toEqual(Object.keys(invalid).sort())
  })

  for (const [folder, outcomes] of Object.entries(folders))
    for (const [name, outcome] of Object.entries(outcomes)) {
      const bytes = () => vector(folder, name)

      test(`[SC-1] §${outcome.section} ${name} as a datagram`, () => check(asDatagram(bytes()), outcome))

      for (const [way, cut] of Object.entries(waysToArrive))
        test(`[SC-2] §${outcome.section} ${name} on a stream, ${way}`, () =>
          checkStream(asStream(cut(bytes())), outcome, asDatagram(bytes())))
    }
})
