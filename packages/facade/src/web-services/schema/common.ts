import type { UserData } from '@ringdown/signalling'
import { type Static, type TProperties, type TSchema, type TUnsafe, Type } from 'typebox'

/** The integer every answer has; 0 is success. */
export const Success = Type.Object({ statusCode: Type.Literal(0) })

/** What a refused request is answered with; registered once, referred to by every route. */
export const FailureBody = Type.Object(
  {
    statusCode: Type.Integer({ description: 'Never 0; web-services-api §1.4' }),
    statusMessage: Type.String(),
  },
  { $id: 'Failure' },
)
const refused = Type.Unsafe<Static<typeof FailureBody>>({ $ref: 'Failure#', description: 'Refused' })

/** The answers every route may give besides its own. */
export const failures = { '4xx': refused, '5xx': refused }

export const UserDataBody = Type.Unsafe<UserData>({
  type: 'object',
  title: 'UserData',
  description: 'Key-value pairs; JSON types are kept. No key may be __proto__.',
  additionalProperties: true,
})

export const Destination = Type.Object({ phoneNumber: Type.String({ minLength: 1, maxLength: 64 }) })
export const DevicePath = Type.String({ maxLength: 256, description: 'The `path` of a device: /devices/{id}' })

export const IdParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) })

/** Query of every read: `fields=*` or `fields=a,b` for objects instead of uris; any other parameter filters by equality. */
export const ReadQuery = Type.Object(
  {
    fields: Type.Optional(Type.String({ maxLength: 1024, description: '`*`, or names separated by commas' })),
  },
  { additionalProperties: Type.Union([Type.String(), Type.Array(Type.String())]) },
)

/** An answer whose keys the query decides: described by the schema, written as it comes. */
export function shaped(schema: TSchema): TUnsafe<object> {
  return Type.Unsafe<object>(schema)
}

/** A list: `uris` without `fields`, objects with it. */
export function listOf(name: string, item: TProperties): TUnsafe<object> {
  return shaped(
    Type.Object({
      statusCode: Type.Literal(0),
      uris: Type.Optional(Type.Array(Type.String())),
      [name]: Type.Optional(Type.Array(Type.Partial(Type.Object(item)))),
    }),
  )
}

/** One object. */
export function oneOf(name: string, item: TProperties): TUnsafe<object> {
  return shaped(Type.Object({ statusCode: Type.Literal(0), [name]: Type.Partial(Type.Object(item)) }))
}
