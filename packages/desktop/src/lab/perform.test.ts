import { RequestRefused, type WebServices } from '@ringdown/client'
import { describe, expect, test } from 'vitest'
import type { LabEffect, LabInput } from './model/lab.ts'
import { labPerformer } from './perform.ts'

/** Performs one effect against a server that answers by path; what was asked, and what came of it. */
async function perform(effect: LabEffect, answers: Readonly<Record<string, unknown>>) {
  const asked: string[] = []
  const told: string[] = []
  const ask = (async (method: string, path: string, body?: unknown) => {
    asked.push([method, path, ...(body === undefined ? [] : [JSON.stringify(body)])].join(' '))
    const answer = answers[path]
    if (answer === undefined) throw new TypeError('failed to fetch')
    if (answer instanceof Error) throw answer
    return { statusCode: 0, ...(answer as object) }
  }) as WebServices['ask']
  const input = await new Promise<LabInput | undefined>((send) => {
    labPerformer({
      ask,
      send,
      showPath: (path, step) => {
        told.push(`${path} ${step}`)
        send(undefined)
      },
      expired: () => {
        told.push('expired')
        send(undefined)
      },
    })(effect)
  })
  return { asked, told, input }
}

describe('[DT-40] the console asks', () => {
  test('for a page of a list, with what is looked for and how many there are', async () => {
    const path = '/lab/sessions?limit=100&after=x%261&q=70'
    const sessions = [{ callUUID: 'S' }]
    const { input } = await perform(
      { effect: 'readList', list: 'sessions', after: 'x&1', search: '70' },
      { [path]: { sessions, next: 'y', counts: { dialing: 1, talking: 2 } } },
    )
    expect(input).toMatchObject({
      input: 'listRead',
      page: { items: sessions, next: 'y', total: 3, counts: { dialing: 1, talking: 2 } },
    })
  })

  test('for the audit log under its own key, and knows an end', async () => {
    const effect = { effect: 'readList', list: 'audit', after: null, search: '' } as const
    const { input } = await perform(effect, { '/lab/audit?limit=100': { entries: [{ position: 1 }] } })
    expect(input).toMatchObject({ page: { items: [{ position: 1 }], next: null, total: null } })
  })

  test('for texts only where they are wanted', async () => {
    const ladder = { callUUID: 'S' }
    const masked = await perform(
      { effect: 'readLadder', id: 'S/1', texts: false },
      { '/lab/sessions/S%2F1/ladder': { ladder } },
    )
    expect(masked.input).toMatchObject({ input: 'ladderRead', id: 'S/1', texts: false, ladder })
    const shown = await perform({ effect: 'readLadder', id: 'S', texts: true }, {})
    expect(shown.asked).toEqual(['GET /lab/sessions/S/ladder?texts=show'])
  })

  test('and says so where no answer came, or a refusal', async () => {
    const effect: LabEffect = { effect: 'readNodes' }
    expect((await perform(effect, {})).input).toEqual({ input: 'failed', effect, failure: { failure: 'noAnswer' } })
    const refusal = new RequestRefused(503, { statusCode: 9, statusMessage: 'no store' })
    expect((await perform(effect, { '/lab/nodes': refusal })).input).toEqual({
      input: 'failed',
      effect,
      failure: { failure: 'refused', statusCode: 9, httpStatus: 503, message: 'no store' },
    })
  })

  test('nobody for an address, or for a login that has ended', async () => {
    const shown = await perform({ effect: 'showPath', path: '/lab', step: true }, {})
    const expired = await perform({ effect: 'expired' }, {})
    expect([shown.told, expired.told, shown.asked]).toEqual([['/lab true'], ['expired'], []])
  })
})

describe('[DT-46] an Annex', () => {
  const found = '/platform/configuration/dns?number=%227001%22'
  const before = { TServer: { multimedia: 'true' } }
  const annex = { TServer: { multimedia: 'false' } }
  const save: LabEffect = { effect: 'saveAnnex', number: '7001', dbid: '101', before, annex }

  test('is saved as a whole, and read again', async () => {
    const { asked, input } = await perform(save, {
      [found]: { dns: [{ DBID: '101', number: '7001', userProperties: before }] },
      '/platform/configuration/dns/101': {},
    })
    expect(asked).toEqual([
      `GET ${found}`,
      `PUT /platform/configuration/dns/101 ${JSON.stringify({ userProperties: annex })}`,
      `GET ${found}`,
    ])
    expect(input).toEqual({ input: 'annexSaved', number: '7001', annex: before })
  })

  test('that somebody else has changed is left as it is', async () => {
    const { asked, input } = await perform(save, { [found]: { dns: [{ DBID: '101', userProperties: {} }] } })
    expect(asked).toEqual([`GET ${found}`])
    expect(input).toMatchObject({ input: 'failed', failure: { httpStatus: 409 } })
  })

  test('of no DN is told as such', async () => {
    const { input } = await perform({ effect: 'readAnnex', number: '7001' }, { [found]: { dns: [] } })
    expect(input).toMatchObject({ input: 'failed', failure: { httpStatus: 404, statusCode: 6 } })
  })
})
