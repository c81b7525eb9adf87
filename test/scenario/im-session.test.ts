import { isOwn, shown } from '@ringdown/client'
import { describe, expect } from 'vitest'
import { refusal, scenario, stage } from './scenario.ts'

stage()

describe('two agents', () => {
  scenario('talk, and each sees the whole of it in one order', async ({ anna, ben }) => {
    await anna.logsIn()
    await ben.logsIn()
    await anna.calls('7002', { topic: 'lunch' })
    await anna.sees('Initiating', { peer: '7002', userData: { topic: 'lunch' } })
    await anna.sees('Talking', { peer: '7002' })
    await ben.sees('Alerting', { peer: '7001', userData: { topic: 'lunch' } })
    await ben.sees('Talking', { peer: '7001' })

    const session = await anna.session()
    expect(await ben.session()).toBe(session)
    await anna.says('soup?')
    await ben.says('süß & 🍲')
    for (const desk of [anna, ben]) {
      await desk.hears('7001', 'soup?')
      await desk.hears('7002', 'süß & 🍲')
    }
    await ben.completes()
    for (const desk of [anna, ben])
      await desk.sees('Completed', { capabilities: [], endedBy: '7002', endReason: 'completed' })
    for (const desk of [anna, ben]) {
      expect(await desk.isFree()).toBe(true)
      expect(await desk.readsTranscript(session)).toEqual(['7001: soup?', '7002: süß & 🍲'])
    }
  })

  scenario('share the data of their session', async ({ anna, ben }) => {
    await anna.logsIn()
    await ben.logsIn()
    await anna.calls('7002')
    await anna.sees('Initiating')
    await anna.sees('Talking')
    await ben.sees('Alerting')
    await ben.sees('Talking')
    const both = async (data: object | undefined) => {
      for (const desk of [anna, ben]) await desk.seesData(data)
    }
    await anna.attaches({ a: '1', b: 2 })
    await both({ a: '1', b: 2 })
    await ben.updates({ a: '3' })
    await both({ a: '3', b: 2 })
    await ben.deletes('a')
    await both({ b: 2 })
    await anna.deletes('b')
    await both(undefined)
    await anna.completes()
    for (const desk of [anna, ben]) await desk.sees('Completed', { endedBy: '7001' })
  })

  scenario('hear a text once, though it was sent twice under one id', async ({ anna, ben }) => {
    await anna.logsIn()
    await ben.logsIn()
    await anna.calls('7002')
    await anna.sees('Initiating')
    await anna.sees('Talking')
    await ben.sees('Alerting')
    await ben.sees('Talking')
    await anna.says('once', 'my-own-id')
    await anna.says('once', 'my-own-id')
    await anna.says('after')
    for (const desk of [anna, ben]) {
      await desk.hears('7001', 'once')
      await desk.hears('7001', 'after')
    }
    await anna.completes()
    for (const desk of [anna, ben]) await desk.sees('Completed')
  })
})

describe('an agent in a session', () => {
  scenario('cannot start another one, and cannot be called into one', async ({ anna, ben, cleo }) => {
    for (const desk of [anna, ben, cleo]) await desk.logsIn()
    await anna.calls('7002')
    await anna.sees('Initiating')
    await anna.sees('Talking')
    await ben.sees('Alerting')
    await ben.sees('Talking')
    const attempts = [anna.calls('7003'), ben.calls('7003'), cleo.calls('7001'), cleo.calls('7002')]
    for (const { statusCode, message } of await Promise.all(attempts.map(refusal))) {
      expect(statusCode).toBe(2)
      expect(message).toContain('Invalid state')
    }
    expect(await cleo.isFree()).toBe(true)
    await anna.completes()
    for (const desk of [anna, ben]) await desk.sees('Completed')
  })

  scenario('is alone with the other one: nobody else reads, speaks or ends it', async ({ anna, ben, cleo }) => {
    for (const desk of [anna, ben, cleo]) await desk.logsIn()
    await anna.calls('7002')
    await anna.sees('Initiating')
    await anna.sees('Talking')
    await ben.sees('Alerting')
    await ben.sees('Talking')
    const session = await anna.session()
    expect((await refusal(cleo.readsTranscript(session))).statusCode).toBe(6)
    await anna.completes()
    for (const desk of [anna, ben]) await desk.sees('Completed')
  })

  scenario('leaves it by logging out', async ({ anna, ben }) => {
    await anna.logsIn()
    await ben.logsIn()
    await anna.calls('7002')
    await anna.sees('Initiating')
    await anna.sees('Talking')
    await ben.sees('Alerting')
    await ben.sees('Talking')
    await anna.leaves()
    await anna.logsOut()
    await ben.sees('Completed', { endedBy: '7001', endReason: 'loggedOut' })
    expect(await ben.isFree()).toBe(true)
  })

  scenario('who opens a second desk finds everything there', async ({ anna, ben }) => {
    await anna.logsIn()
    await ben.logsIn()
    await anna.calls('7002')
    await anna.sees('Initiating')
    await anna.sees('Talking')
    await ben.sees('Alerting')
    await ben.sees('Talking')
    await anna.says('before')
    for (const desk of [anna, ben]) await desk.hears('7001', 'before')

    const second = anna.another()
    await second.listens()
    await second.reads()
    await ben.says('after')
    for (const desk of [anna, ben, second]) await desk.hears('7002', 'after')
    const view = second.view.sessions.get(await anna.session())
    expect(view && shown(view).map((row) => 'message' in row && [isOwn(view, row), row.message])).toEqual([
      [true, 'before'],
      [false, 'after'],
    ])
    await second.leaves()
    await ben.completes()
    for (const desk of [anna, ben]) await desk.sees('Completed')
  })
})

describe('a call that leads nowhere', () => {
  scenario('because there is no such number', async ({ anna }) => {
    await anna.logsIn()
    await anna.calls('9999')
    await anna.sees('Initiating', { peer: '9999' })
    await anna.sees('Completed', { endReason: 'invalidNumber' })
    expect(await anna.isFree()).toBe(true)
  })

  scenario('because nobody is logged in there', async ({ anna }) => {
    await anna.logsIn()
    await anna.calls('7002')
    await anna.sees('Initiating')
    await anna.sees('Completed', { endReason: 'unreachable' })
    expect(await anna.isFree()).toBe(true)
  })

  scenario('because nobody answered in time', async ({ anna, otto }) => {
    await anna.logsIn()
    await otto.logsIn()
    await anna.calls('7005')
    await anna.sees('Initiating')
    await otto.sees('Alerting')
    for (const desk of [anna, otto]) await desk.sees('Completed', { endedBy: null, endReason: 'noAnswer' })
  })
})

describe('an agent who answers by hand', () => {
  scenario('accepts', async ({ anna, max }) => {
    await anna.logsIn()
    await max.logsIn()
    await anna.calls('7004')
    await anna.sees('Initiating')
    await max.sees('Alerting', {
      capabilities: ['Accept', 'Reject', 'AttachUserData', 'UpdateUserData', 'DeleteUserData', 'Complete'],
    })
    await max.accepts()
    await max.sees('Talking')
    await anna.sees('Talking')
    await max.says('here')
    for (const desk of [anna, max]) await desk.hears('7004', 'here')
    await anna.completes()
    for (const desk of [anna, max]) await desk.sees('Completed')
  })

  scenario('rejects', async ({ anna, max }) => {
    await anna.logsIn()
    await max.logsIn()
    await anna.calls('7004')
    await anna.sees('Initiating')
    await max.sees('Alerting')
    await max.rejects()
    for (const desk of [anna, max]) await desk.sees('Completed', { endedBy: '7004', endReason: 'rejected' })
  })

  scenario('sees the caller leave first', async ({ anna, max }) => {
    await anna.logsIn()
    await max.logsIn()
    await anna.calls('7004')
    await anna.sees('Initiating')
    await max.sees('Alerting')
    await anna.completes()
    for (const desk of [anna, max]) await desk.sees('Completed', { endedBy: '7001', endReason: 'abandoned' })
    expect(await max.isFree()).toBe(true)
  })
})
