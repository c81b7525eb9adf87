import { afterEach, describe, expect, test } from 'vitest'
import type { MsrpStack, MsrpTransport } from '../session/ports.ts'
import { certificate } from '../testing/certificate.ts'
import { realClock } from '../testing/real-clock.ts'
import { recorder } from '../testing/recorder.ts'
import { createMsrpStack, type MsrpStackOptions } from './stack.ts'

const stacks: MsrpStack[] = []
afterEach(async () => {
  await Promise.all(stacks.splice(0).map((stack) => stack.close()))
})

async function stackOn(transport: MsrpTransport, more: Partial<MsrpStackOptions> = {}, address = '127.0.0.1') {
  const secure = transport === 'tls' || transport === 'wss'
  const tls = secure ? { tls: certificate('localhost') } : {}
  const stack = await createMsrpStack({
    listen: [{ transport, address, port: 0, ...tls }],
    clock: realClock,
    ...more,
  })
  stacks.push(stack)
  return stack
}

/** Two stacks with a session between them; `a` connects. */
async function pair(transport: MsrpTransport, address = '127.0.0.1') {
  const [first, second] = [await stackOn(transport, {}, address), await stackOn(transport, {}, address)]
  const [userA, userB] = [recorder(), recorder()]
  const a = await first.open({ transport, user: userA, maxSize: 1_000_000 })
  const b = await second.open({ transport, user: userB, maxSize: 1_000_000 })
  const prints = (stack: MsrpStack) => (stack.fingerprint === undefined ? {} : { fingerprints: [stack.fingerprint] })
  // A WebSocket server knows no certificate of its client.
  await b.start({ path: a.path, role: 'passive', ...(transport === 'tls' && prints(first)) })
  await a.start({ path: b.path, role: 'active', ...prints(second) })
  return { first, second, a, b, userA, userB }
}

const text = (body: string) => new TextEncoder().encode(body)

describe('two stacks', () => {
  for (const [transport, address] of [
    ['tcp', '127.0.0.1'],
    ['tcp', '::1'],
    ['tls', '127.0.0.1'],
    ['ws', '127.0.0.1'],
    ['wss', '127.0.0.1'],
  ] as const)
    test(`[MS-60] say something to each other over ${transport} at ${address}`, async () => {
      const { a, b, userA, userB } = await pair(transport, address)
      const hello = { messageID: 'm-0001', contentType: 'text/plain', body: text('Grüße €'), successReport: true }
      expect(await a.send(hello)).toEqual({ sent: true })
      await userA.seen(1)
      expect(userB.messages).toMatchObject([{ messageID: 'm-0001', contentType: 'text/plain', successReport: true }])
      expect(Buffer.from(userB.messages[0]?.body ?? []).toString()).toBe('Grüße €')
      expect(userA.reports).toEqual([{ messageID: 'm-0001', status: 200, comment: 'OK', complete: true }])

      const long = Buffer.alloc(500_000, 'b\r\n-------')
      expect(await b.send({ messageID: 'm-0002', contentType: 'text/plain', body: long })).toEqual({ sent: true })
      expect(Buffer.compare(userA.messages[0]?.body ?? Buffer.alloc(0), long)).toBe(0)
      expect(userA.failures.concat(userB.failures)).toEqual([])
    })
})
