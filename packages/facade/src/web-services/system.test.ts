import { expect, test } from 'vitest'
import { lab } from '../testing/lab.ts'

const body = { operationName: 'ReloadConfiguration' }

test('[WS-36] an administrator has the configuration read again and learns what waits for a restart', async () => {
  const made = await lab({ reload: async () => ({ applied: true, problems: [], restart: ['http.port'] }) })
  const { http, json } = await made.as('admin').post('/system', body)
  expect([http, json]).toEqual([200, { statusCode: 0, restart: ['http.port'] }])
  await made.close()
})

test('[WS-36] a wrong file is code 2 with what is wrong', async () => {
  const problems = ['r.yaml:1:1: a is not known', 'r.yaml:2:1: b is missing']
  const made = await lab({ reload: async () => ({ applied: false, problems, restart: [] }) })
  const { http, json } = await made.as('admin').post('/system', body)
  expect([http, json]).toEqual([
    400,
    { statusCode: 2, statusMessage: `The configuration stays as it was. ${problems.join('; ')}` },
  ])
  await made.close()
})

test('[WS-36] nobody else may ask, and a node without a file says so', async () => {
  let asked = 0
  const made = await lab({
    reload: async () => {
      asked++
      return { applied: true, problems: [], restart: [] }
    },
  })
  expect(await made.as('anna').post('/system', body)).toMatchObject({ http: 403, json: { statusCode: 5 } })
  expect(asked).toBe(0)
  await made.close()
  const without = await lab()
  expect(await without.as('admin').post('/system', body)).toMatchObject({ http: 403, json: { statusCode: 3 } })
  await without.close()
})
