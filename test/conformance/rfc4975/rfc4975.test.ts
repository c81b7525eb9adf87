import { bench, peerUri } from '@ringdown/msrp/testing'
import { describe, expect, test } from 'vitest'
import { vector, vectorNames, waysToArrive } from '../feed.ts'
import { invalid, type Outcome, valid } from './outcomes.ts'

/** A session whose peer is bound, as `msrp://us.example:2855/our00000001;tcp`, which the vectors are addressed to. */
async function check(parts: readonly Uint8Array[], outcome: Outcome): Promise<void> {
  const made = bench()
  const { session, user } = made.open()
  const peer = made.connection()
  await session.start({ path: [peerUri], role: 'passive' })
  for (const part of parts) {
    peer.receive(part)
    // As between two reads: what one of them brought is answered before the next one comes.
    await Promise.resolve()
  }
  expect([...(await peer.told())].sort()).toEqual([...outcome.told].sort())
  expect(user.messages.map(({ body }) => Buffer.from(body).toString())).toEqual(outcome.texts)
  expect(peer.state.closed).toBe(outcome.closed ? 'flush' : 'no')
  session.close()
  expect(peer.connection.budget.held).toBe(0)
}

describe('RFC 4975', () => {
  test('[MS-9] each vector has an outcome, and each outcome a vector', () => {
    expect(vectorNames('rfc4975/valid')).toEqual(Object.keys(valid).sort())
    expect(vectorNames('rfc4975/invalid')).toEqual(Object.keys(invalid).sort())
  })

  for (const [folder, outcomes] of Object.entries({ 'rfc4975/valid': valid, 'rfc4975/invalid': invalid }))
    for (const [name, outcome] of Object.entries(outcomes))
      for (const [way, cut] of Object.entries(waysToArrive))
        test(`[MS-10] §${outcome.section} ${name}, ${way}`, () => check(cut(vector(folder, name)), outcome))
})
