import type { Annex } from '@ringdown/signalling'
import { Type } from 'typebox'

const name = Type.String({ minLength: 1, maxLength: 64 })
const roles = Type.Array(Type.String(), { minItems: 1, maxItems: 8, description: '`ROLE_AGENT` or `agent`, and so on' })
const password = Type.String({ minLength: 1, maxLength: 256, description: 'Never shown again' })

/** Web-services-api §4.6, with what an agent needs to work besides. */
export const NewUser = Type.Object({
  firstName: Type.String({ maxLength: 64 }),
  lastName: Type.String({ maxLength: 64 }),
  userName: name,
  password,
  roles,
  emailAddress: Type.Optional(Type.String({ maxLength: 256 })),
  enabled: Type.Optional(Type.Boolean()),
})

export const UserChange = Type.Partial(NewUser)

export const NewDevice = Type.Object({
  phoneNumber: name,
  type: Type.Optional(Type.String({ maxLength: 64, description: 'Of a device that does not exist yet' })),
})

export const Created = Type.Object({
  statusCode: Type.Literal(0),
  id: Type.String(),
  uri: Type.String(),
  path: Type.String(),
})

/** Section → option → value. */
const userProperties = Type.Unsafe<Annex>({
  type: 'object',
  additionalProperties: { type: 'object', additionalProperties: { type: 'string' } },
})

export const ConfigBody = Type.Object(
  { userProperties: Type.Optional(userProperties), password: Type.Optional(password) },
  { additionalProperties: true },
)
