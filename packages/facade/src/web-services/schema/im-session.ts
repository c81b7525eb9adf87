import { Type } from 'typebox'
import { Destination, DevicePath, UserDataBody } from './common.ts'
import { operations } from './operations.ts'

const participant = Type.Object({
  digits: Type.String(),
  e164Number: Type.String(),
  formattedPhoneNumber: Type.String(),
  phoneNumber: Type.String(),
})

/** Web-services-api §2.2. */
export const imSessionFields = {
  id: Type.String(),
  state: Type.Enum(['Initiating', 'Alerting', 'Talking', 'Completed']),
  userData: Type.Optional(UserDataBody),
  participants: Type.Array(participant),
  capabilities: Type.Array(Type.String()),
  path: Type.String(),
  uri: Type.String(),
  endedBy: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  endReason: Type.Optional(Type.String()),
  endSipStatus: Type.Optional(Type.Integer()),
  endSipReason: Type.Optional(Type.String()),
}

export const InitiateOperations = operations({
  InitiateIMSession: {
    destination: Destination,
    userData: Type.Optional(UserDataBody),
    devicePath: Type.Optional(DevicePath),
  },
})

const messageId = Type.Optional(
  Type.String({ minLength: 1, maxLength: 128, description: 'The same id twice is accepted once and answered alike' }),
)

/** Web-services-api §2.3. `destination` is taken and not needed: the session names the other party. */
export const ImSessionOperations = operations({
  SendMessage: {
    text: Type.String({ minLength: 1 }),
    destination: Type.Optional(Destination),
    devicePath: Type.Optional(DevicePath),
    messageId,
  },
  AttachUserData: { userData: UserDataBody },
  UpdateUserData: { userData: UserDataBody },
  DeleteUserData: { key: Type.String({ minLength: 1 }) },
  Complete: {},
  Accept: {},
  Reject: {},
  NotifyComposing: {
    composing: Type.Boolean({ description: 'True while a text is being written, false when that has stopped' }),
  },
  MarkDisplayed: {
    messageId: Type.String({ minLength: 1, maxLength: 128, description: 'A text of the other party, as it came' }),
  },
})

/** The answer to an operation; all but `statusCode` are ours and only there for SendMessage. */
export const OperationAccepted = Type.Object({
  statusCode: Type.Literal(0),
  messageId: Type.Optional(Type.String()),
  position: Type.Optional(Type.Integer()),
  timestamp: Type.Optional(Type.String()),
})

export const messageFields = {
  position: Type.Integer(),
  messageId: Type.String(),
  from: Type.String(),
  timestamp: Type.String(),
  timestampSeconds: Type.Integer(),
  message: Type.String(),
  contentType: Type.Optional(Type.String({ description: 'Where it is not text/plain' })),
}

/** What follows a position of the transcript, in the order of acceptance. */
export const TranscriptQuery = Type.Object({
  after: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description: 'Position; 0 or absent: from the start' })),
  limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$', description: 'At most 1000; 100 when absent' })),
})

export const Transcript = Type.Object({ statusCode: Type.Literal(0), messages: Type.Array(Type.Object(messageFields)) })
