import { TServerError } from '@ringdown/signalling'
import { ReplyError } from 'ioredis'
import { expect, test } from 'vitest'
import { isElsewhere, isRefusedLogin, redisCode, storeError } from './errors.ts'

/** As ioredis rejects: the command hangs on the error. */
function replyError(message: string): Error {
  return Object.assign(new ReplyError(message) as Error, { command: { name: 'evalsha', args: ['a text, secret'] } })
}

test.each([
  ["READONLY You can't write against a read only replica.", 'TERR_NO_SWITCH'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'TERR_NO_SWITCH'],
  ['MISCONF Errors writing to the AOF file: No space left on device', 'TERR_NO_SWITCH'],
  ['LOADING Redis is loading the dataset in memory', 'TERR_NO_SWITCH'],
  ['CLUSTERDOWN The cluster is down', 'TERR_NO_SWITCH'],
  ['MASTERDOWN Link with MASTER is down', 'TERR_NO_SWITCH'],
  ['NOREPLICAS Not enough good replicas to write.', 'TERR_NO_SWITCH'],
  ['BUSY Redis is busy running a script.', 'TERR_NO_SWITCH'],
  ['MOVED 1 127.0.0.1:6379', 'TERR_NO_SWITCH'],
  ['NOAUTH Authentication required.', 'TERR_NO_SWITCH'],
  ['WRONGTYPE Operation against a key holding the wrong kind of value', 'TERR_INTERNAL'],
  ['ERR unknown command', 'TERR_INTERNAL'],
])('[ST-R5] %s is %s', (message, reason) => {
  const error = storeError(replyError(message))
  expect(error).toMatchObject({ reason, cause: { message } })
  expect(JSON.stringify(error.cause, Object.getOwnPropertyNames(error.cause))).not.toContain('secret')
})

test('[ST-R5] what comes from the connection, not from Redis, is no switch; our own errors stay', () => {
  expect(storeError(new Error('connect ECONNREFUSED 127.0.0.1:6379')).reason).toBe('TERR_NO_SWITCH')
  expect(storeError('closed').reason).toBe('TERR_NO_SWITCH')
  const own = new TServerError('TERR_TIMEOUT')
  expect(storeError(own)).toBe(own)
})

test('[ST-R5] which errors send us to look for the server, and which to the operator', () => {
  expect(isElsewhere(replyError('READONLY x'))).toBe(true)
  expect(isElsewhere(replyError('OOM x'))).toBe(false)
  expect(isElsewhere(new Error('READONLY x'))).toBe(false)
  expect(isRefusedLogin(replyError('WRONGPASS x'))).toBe(true)
  expect(isRefusedLogin(new Error('x'))).toBe(false)
  expect(redisCode(replyError(''))).toBe('')
})
