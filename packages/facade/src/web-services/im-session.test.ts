import { afterEach, describe, expect, test } from 'vitest'
import { lab } from '../testing/lab.ts'

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())
async function open(...args: Parameters<typeof lab>) {
  const made = await lab(...args)
  closing = made.close
  return made
}

describe('an IM session over REST', () => {
  test('two agents log in, talk and end it', async () => {
    const { as, callUUID } = await open()
    const [anna, ben] = [as('anna'), as('ben')]
    expect((await anna.start()).json).toEqual({ statusCode: 0 })
    expect((await ben.start()).json).toEqual({ statusCode: 0 })
    const initiated = await anna.post('/me/im-sessions', {
      operationName: 'InitiateIMSession',
      destination: { phoneNumber: '7002' },
      userData: { k: 'v' },
    })
    expect(initiated.json).toEqual({ statusCode: 0 })
    const id = await callUUID('anna')
    expect((await ben.get('/me/im-sessions?fields=*')).json).toMatchInlineSnapshot(`
      {
        "imSessions": [
          {
            "capabilities": [
              "SendMessage",
              "AttachUserData",
              "UpdateUserData",
              "DeleteUserData",
              "Complete",
            ],
            "id": "5G95T5N7UIAQMBEOBDHH4V35PK000000",
            "participants": [
              {
                "digits": "7001",
                "e164Number": "7001",
                "formattedPhoneNumber": "7001",
                "phoneNumber": "7001",
              },
            ],
            "path": "/im-sessions/5G95T5N7UIAQMBEOBDHH4V35PK000000",
            "state": "Talking",
            "uri": "http://localhost:80/api/v2/im-sessions/5G95T5N7UIAQMBEOBDHH4V35PK000000",
            "userData": {
              "k": "v",
            },
          },
        ],
        "statusCode": 0,
      }
    `)
    const sent = await anna.post(`/me/im-sessions/${id}`, { operationName: 'SendMessage', text: 'hi' })
    expect(sent.json).toMatchInlineSnapshot(`
      {
        "messageId": "4bdc4c95fa5aad083f5e5c94e0b629e0",
        "position": 1,
        "statusCode": 0,
        "timestamp": "2026-01-01T00:00:00.000Z",
      }
    `)
    expect((await ben.post(`/im-sessions/${id}`, { operationName: 'Complete' })).json).toEqual({ statusCode: 0 })
    expect((await anna.get(`/im-sessions/${id}`)).json).toMatchInlineSnapshot(`
      {
        "imSession": {
          "capabilities": [],
          "endReason": "completed",
          "endedBy": "7002",
          "id": "5G95T5N7UIAQMBEOBDHH4V35PK000000",
          "participants": [
            {
              "digits": "7002",
              "e164Number": "7002",
              "formattedPhoneNumber": "7002",
              "phoneNumber": "7002",
            },
          ],
          "path": "/im-sessions/5G95T5N7UIAQMBEOBDHH4V35PK000000",
          "state": "Completed",
          "uri": "http://localhost:80/api/v2/im-sessions/5G95T5N7UIAQMBEOBDHH4V35PK000000",
          "userData": {
            "k": "v",
          },
        },
        "statusCode": 0,
      }
    `)
  })
})
