import { expect, test } from 'vitest'
import { deliveryID, placeOf } from './delivery-id.ts'

test('[WH-11] an id is made of centre, webhook and place, and names the place', () => {
  const place = { epoch: '9f3c0a', offset: 1042 }
  const id = deliveryID('acme', 'crm', place)
  expect(id).toBe(deliveryID('acme', 'crm', place))
  expect(id).toMatch(/^msg_9f3c0a_1042_[0-9a-f]{8}$/)
  expect(placeOf(id)).toEqual(place)
  const others = [
    deliveryID('acme', 'crm2', place),
    deliveryID('acme2', 'crm', place),
    deliveryID('acme', 'crm', { ...place, offset: 1043 }),
    deliveryID('acme', 'crm', { ...place, epoch: '9f3c0b' }),
    deliveryID('acme', 'crm', place, 1000),
  ]
  expect(new Set([id, ...others]).size).toBe(6)
})

test('[WH-11] what is no id of ours names nothing', () => {
  for (const text of ['', 'msg_', 'msg_a_1', 'msg_a_x_00000000', 'msg_a.b_1_00000000', '2026-01-31T08:00:00Z'])
    expect(placeOf(text), text).toBeUndefined()
})
