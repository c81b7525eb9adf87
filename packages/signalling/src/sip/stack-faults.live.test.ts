import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { realClock, seededTokens } from '../testing/index.ts'
import { createSipStack } from './stack.ts'
import { createTransports } from './transport/transports.ts'

test('[SF-2] a request that cannot be read is answered once', async () => {
  const stack = await createSipStack({
    transports: (user) =>
      createTransports({ listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }], user, clock: realClock }),
    clock: realClock,
    tokens: seededTokens(1),
    random: Math.random,
    user: { onRequest: async () => ({ status: 200 }), onInvite: () => {}, onFlowClosed: () => {} },
  })
  const peer = createSocket('udp4').bind(0, '127.0.0.1')
  await once(peer, 'listening')
  const heard: string[] = []
  peer.on('message', (data) => heard.push(String(data).slice(0, 11)))
  const request = (cseq: string) =>
    [
      'OPTIONS sip:127.0.0.1 SIP/2.0',
      `Via: SIP/2.0/UDP 127.0.0.1:${peer.address().port};branch=z9hG4bK${cseq.length}`,
      'Max-Forwards: 70',
      'From: <sip:a@127.0.0.1>;tag=1',
      'To: <sip:127.0.0.1>',
      `Call-ID: ${cseq.length}`,
      `CSeq: ${cseq}`,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n')
  const port = stack.listening[0]?.port
  peer.send(request('one OPTIONS'), port, '127.0.0.1')
  await sleep(50)
  // The answer to this one comes behind everything that was said to the first.
  peer.send(request('1 OPTIONS'), port, '127.0.0.1')
  await expect.poll(() => heard.at(-1)).toBe('SIP/2.0 200')
  expect(heard).toEqual(['SIP/2.0 400', 'SIP/2.0 200'])
  peer.close()
  await stack.close()
})
