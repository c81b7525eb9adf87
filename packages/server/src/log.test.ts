import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import { Secret } from './config/secret.ts'
import { createLog, linesOf } from './log.ts'

function recorded(level = 'info') {
  const lines: string[] = []
  return { log: createLog(level, 'n1', { write: (line) => lines.push(line) }), lines }
}

test('[SV-20] a line is JSON with level, time, node and fields beside a constant text', () => {
  const { log, lines } = recorded()
  log.child({ callUUID: 'C', thisDN: '7001' }).warn({ reason: 'slow' }, 'a peer broke a rule')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'warn',
    node: 'n1',
    callUUID: 'C',
    thisDN: '7001',
    reason: 'slow',
    msg: 'a peer broke a rule',
  })
})

test('[SV-20] credentials, texts and user data are cut out wherever a line carries them', () => {
  const { log, lines } = recorded()
  log.info(
    {
      password: 'hunter2',
      headers: { authorization: 'Basic hunter2', cookie: 'JSESSIONID=hunter2' },
      req2: { headers: { authorization: 'hunter2' } },
      event: { userData: { pin: 'hunter2' }, text: 'hunter2' },
      config: { token: new Secret('hunter2'), other: new Secret('hunter2') },
    },
    'whole objects',
  )
  expect(lines.join()).not.toContain('hunter2')
})

test('[SV-20] a request is logged without its query, which can hold whole messages', async () => {
  const { log, lines } = recorded()
  const app = fastify({ loggerInstance: log })
  app.get('/notifications', async () => 'ok')
  await app.inject({
    url: '/notifications?jsonp=f&message=%5B%7B%22text%22%3A%22hunter2%22%7D%5D',
    headers: { authorization: 'Basic hunter2' },
  })
  await app.close()
  expect(lines.join()).toContain('"path":"/notifications"')
  expect(lines.join()).not.toContain('hunter2')
})

test('[OB-4] lines that want attention are counted, those of children too, and those that are not written are not', () => {
  const { log } = recorded('error')
  log.error('we broke')
  log.child({ callUUID: 'C' }).error({ err: new Error('so') }, 'we broke')
  log.child({ callUUID: 'C' }).warn('a peer broke a rule')
  expect(linesOf(log)).toEqual({ warn: 0, error: 2 })
  log.level = 'info'
  log.warn('a peer broke a rule')
  log.info('a call began')
  expect(linesOf(log.child({}))).toEqual({ warn: 1, error: 2 })
})
