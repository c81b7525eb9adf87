import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { until } from './engine.ts'
import { randomFrom } from './random.ts'
import { UdpProxy, type Weather } from './udp-proxy.ts'

const open: { close(): void }[] = []
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})

async function socket(): Promise<Socket & { heard: string[] }> {
  const made = Object.assign(createSocket('udp4').bind(0, '127.0.0.1'), { heard: [] as string[] })
  made.on('message', (bytes) => made.heard.push(String(bytes)))
  await once(made, 'listening')
  open.push(made)
  return made
}

/** A phone and an engine, and what the engine heard of a hundred datagrams in this weather. */
async function hundred(weather: Weather, seed = 1) {
  const [phone, engine] = [await socket(), await socket()]
  const target = { host: '127.0.0.1', port: engine.address().port }
  const proxy = await UdpProxy.start(() => target, randomFrom(seed))
  open.push({ close: () => proxy.stop() })
  proxy.weather = weather
  for (let i = 0; i < 100; i++) {
    phone.send(String(i), proxy.near.port, proxy.near.host)
    await sleep(1)
  }
  const { counts } = proxy
  await until(
    () => engine.heard.length === counts.passed + counts.doubled && counts.passed + counts.lost === 100,
    3_000,
    'quiet',
  )
  return { phone, engine, proxy, counts }
}

test('in clear weather everything passes in order, both ways', async () => {
  const { phone, engine, proxy } = await hundred({ lost: 0, doubled: 0, lateMs: 0 })
  expect(engine.heard).toEqual(Array.from({ length: 100 }, (_, i) => String(i)))
  engine.send('back', proxy.far.port, proxy.far.host)
  await until(() => phone.heard.length > 0, 1_000, 'nothing came back')
  expect(phone.heard).toEqual(['back'])
})

test('what is lost is decided by the seed alone', async () => {
  const weather = { lost: 0.2, doubled: 0, lateMs: 0 }
  const [one, same, other] = [await hundred(weather, 7), await hundred(weather, 7), await hundred(weather, 8)]
  expect(one.engine.heard).toEqual(same.engine.heard)
  expect(one.engine.heard).not.toEqual(other.engine.heard)
  expect(one.counts.lost).toBeGreaterThan(5)
})

test('datagrams are doubled, and overtake each other', async () => {
  const { engine, counts } = await hundred({ lost: 0, doubled: 0.3, lateMs: 30 })
  expect(counts.doubled).toBeGreaterThan(10)
  expect(new Set(engine.heard).size).toBe(100)
  const order = engine.heard.map(Number)
  expect(order).not.toEqual([...order].sort((a, b) => a - b))
})

test('what is sent to a former address is lost', async () => {
  const { phone, engine, proxy } = await hundred({ lost: 0, doubled: 0, lateMs: 0 })
  const former = proxy.far
  await proxy.move()
  engine.send('too late', former.port, former.host)
  engine.send('in time', proxy.far.port, proxy.far.host)
  await until(() => phone.heard.length > 0, 1_000, 'nothing came')
  await sleep(20)
  expect(phone.heard).toEqual(['in time'])
})
