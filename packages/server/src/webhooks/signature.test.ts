import { expect, test } from 'vitest'
import { keyOf, secretOf, signed } from './signature.ts'

test('[WH-40] the vector of the Standard Webhooks libraries', () => {
  const key = keyOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  if (!key) throw new Error('the secret of the vector is one')
  expect(signed('msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}', [key], 1_614_265_330_000)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('[WH-40] while a secret changes each delivery has a signature of both', () => {
  const [before, after] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const both = signed('msg_a_1_00000000', '{}', [after, before], 0)['webhook-signature']
  const one = (key: Buffer) => signed('msg_a_1_00000000', '{}', [key], 0)['webhook-signature']
  expect(both).toBe(`${one(after)} ${one(before)}`)
  expect(one(after)).not.toBe(one(before))
})

test('[WH-41] a secret is whsec_ and 24 to 64 bytes in base64', () => {
  expect(keyOf(secretOf(Buffer.alloc(24, 7)))).toEqual(Buffer.alloc(24, 7))
  expect(keyOf(secretOf(Buffer.alloc(64, 7)))).toEqual(Buffer.alloc(64, 7))
  const wrong = [
    secretOf(Buffer.alloc(23)),
    secretOf(Buffer.alloc(65)),
    secretOf(Buffer.alloc(32)).slice('whsec_'.length),
    'whsec_',
    'whsec_not base64 at all, whatever its length may be',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS',
    'password',
  ]
  for (const secret of wrong) expect(keyOf(secret), secret).toBeUndefined()
})
