import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { streamSink } from './stream-sink.ts'

const clock = {
  now: () => performance.now(),
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
const user = { onReady: () => undefined, onWritten: () => undefined, onLost: () => undefined }

/** What a collector is told first by a connection to it under this name. */
async function helloTo(host: string): Promise<string> {
  const collector = createServer()
  collector.listen(0)
  await once(collector, 'listening')
  const { port } = collector.address() as AddressInfo
  const sink = streamSink({ host, port, tls: {}, clock, user })
  let from: Socket | undefined
  try {
    from = (await once(collector, 'connection'))[0] as Socket
    const [hello] = (await once(from, 'data')) as [Buffer]
    return hello.toString('latin1')
  } finally {
    sink.close()
    from?.destroy()
    collector.close()
  }
}

test('[HP-5] over TLS a collector is asked for by its name, and by no name where it has an address only', async () => {
  expect(await helloTo('localhost')).toContain('localhost')
  // RFC 6066 §3: an address is no name.
  expect(await helloTo('127.0.0.1')).not.toContain('127.0.0.1')
})
