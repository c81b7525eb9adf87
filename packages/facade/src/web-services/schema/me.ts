import { Type } from 'typebox'
import { DevicePath } from './common.ts'
import { operations } from './operations.ts'

/** Web-services-api §4.3 and §4.4. */
export const MeOperations = operations({
  StartContactCenterSession: {
    channels: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 16 })),
    place: Type.Optional(Type.String({ maxLength: 64 })),
    devicePath: Type.Optional(DevicePath),
    loginCode: Type.Optional(Type.String({ maxLength: 64 })),
    queue: Type.Optional(Type.String({ maxLength: 64, description: 'Taken and not used: IM has no queues' })),
  },
  EndContactCenterSession: {},
  Ready: {},
  NotReady: {},
  AfterCallWork: {},
  Offline: {},
})

export const ChannelOperations = operations({ Ready: {}, NotReady: {}, AfterCallWork: {}, Offline: {} })

export const userStateFields = {
  id: Type.String(),
  displayName: Type.String(),
  state: Type.Enum(['Ready', 'NotReady', 'LoggedOut']),
  workMode: Type.Optional(Type.Literal('AfterCallWork')),
}

/** Ours. */
export const imAccessField = Type.Enum(['api', 'sip', 'none'], {
  description: 'How the device takes part in IM: by this API, by its SIP endpoint, or not at all',
})

/** Web-services-api §4.2. */
export const deviceFields = {
  id: Type.String(),
  deviceState: Type.Enum(['Active', 'Inactive']),
  userState: Type.Object(userStateFields),
  phoneNumber: Type.String(),
  e164Number: Type.String(),
  telephonyNetwork: Type.Literal('Private'),
  doNotDisturb: Type.Literal('Off'),
  type: Type.String(),
  channels: Type.Array(Type.String(), { description: '`im` marks a device that can carry IM' }),
  imAccess: imAccessField,
  capabilities: Type.Array(Type.String()),
  path: Type.String(),
  uri: Type.String(),
}

/** Web-services-api §4.1. A password is never among them. */
export const userFields = {
  id: Type.String(),
  userName: Type.String(),
  firstName: Type.String(),
  lastName: Type.String(),
  emailAddress: Type.Optional(Type.String()),
  roles: Type.Array(Type.String()),
  enabled: Type.Boolean(),
  changePasswordOnFirstLogin: Type.Boolean(),
  contactCenterId: Type.String(),
  path: Type.String(),
  uri: Type.String(),
}

export const UserQuery = Type.Object(
  {
    fields: Type.Optional(Type.String({ maxLength: 1024 })),
    subresources: Type.Optional(
      Type.String({ maxLength: 1024, description: '`*`, or names of collections to show inside the user' }),
    ),
  },
  { additionalProperties: Type.Union([Type.String(), Type.Array(Type.String())]) },
)

export const SessionStarted = Type.Object({
  statusCode: Type.Union([Type.Literal(0), Type.Literal(7)]),
  statusMessage: Type.Optional(Type.String()),
  channels: Type.Optional(
    Type.Array(
      Type.Object({ channel: Type.String(), statusCode: Type.Integer(), statusMessage: Type.Optional(Type.String()) }),
    ),
  ),
})
