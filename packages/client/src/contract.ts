import type { paths } from './api.ts'

/** The HTTP contract in names: what REST answers and takes, from the OpenAPI file. Servers may add keys. */

type Path = keyof paths

/** The body of the good answer to a request. */
export type Answered<P extends Path, M extends 'get' | 'post'> = paths[P] extends {
  [K in M]: { responses: { 200: { content: { 'application/json': infer Body } } } }
}
  ? Body
  : never

/** The body of an operation, by its name. */
export type Operation<P extends Path, Name extends string> = paths[P] extends {
  post: { requestBody: { content: { 'application/json': infer Body } } }
}
  ? Extract<Body, { operationName: Name }>
  : never

// Every member of a resource may be left out by `fields`. Whoever asks for the whole gets it; `Maybe` is there where there is something to tell.
type Whole<Resource, Maybe extends keyof Resource = never> = Required<Omit<Resource, Maybe>> & Pick<Resource, Maybe>

type Own = '/api/v2/me/im-sessions/{id}'
type EndMember = 'endedBy' | 'endReason' | 'endSipStatus' | 'endSipReason'

/** An IM session as its owner sees it. `endedBy`: digits of who ended it, null for the engine. */
export type ImSession = Whole<Answered<Own, 'get'>['imSession'], 'userData' | EndMember>
export type SessionState = ImSession['state']
/** The other party of a session. */
export type Participant = ImSession['participants'][number]
/** Key-value data attached to a session. */
export type UserData = NonNullable<ImSession['userData']>

type ApiText = Answered<'/api/v2/me/im-sessions/{id}/messages', 'get'>['messages'][number]
/**
 * One text, as a notification or as a line of the transcript brings it. `from`: digits of the sender; `timestamp`: ISO 8601;
 * `position`: counted from 1 in its session.
 */
export type TextMessage = Omit<ApiText, 'position' | 'timestampSeconds'> & Partial<Pick<ApiText, 'position'>>

type ApiEnded = Answered<'/api/v2/me/ended-im-sessions', 'get'>['imSessions'][number]
/** A session that has ended; `began` and `ended` are ISO 8601. */
export type EndedSession = Whole<ApiEnded, 'userData' | EndMember>

/** A place somebody may work at. `heldBy`: user name of who is at a device; null: nobody. */
export type Place = Answered<'/api/v2/places', 'get'>['places'][number]

type ApiContact = Answered<'/api/v2/contacts', 'get'>['contacts'][number]
/** Somebody of the contact centre who can be called. `phoneNumber`: where they are, or would be; null: nowhere. */
export type Contact = Omit<ApiContact, 'userState'> & { userState: UserState }

type ApiDevice = NonNullable<Answered<'/api/v2/me/devices', 'get'>['devices']>[number]
type ApiUserState = NonNullable<ApiDevice['userState']>
export type UserState = Pick<ApiUserState, 'state' | 'workMode'> & Partial<Pick<ApiUserState, 'displayName'>>
/** How a device takes part in IM: by this API, by a SIP endpoint, or not at all. */
export type ImAccess = NonNullable<ApiDevice['imAccess']>
export type Device = Whole<Pick<ApiDevice, 'id' | 'phoneNumber' | 'type' | 'imAccess' | 'path'>> & {
  userState: UserState
}

type ApiUser = Answered<'/api/v2/me', 'get'>['user']
/** The user who is signed in. */
export type User = Whole<Pick<ApiUser, 'id' | 'userName' | 'firstName' | 'lastName' | 'roles' | 'contactCenterId'>>
/** `/me` with what it holds: `subresources=devices,channels`, of which the OpenAPI file knows nothing. */
export interface WholeUser extends User {
  devices: readonly Device[]
  channels: readonly { userState: UserState }[]
}

export type StateName = 'Ready' | 'NotReady' | 'AfterCallWork' | 'Offline'

/** Where a page registers as the SIP endpoint of its agent's device. */
export type Phone = Answered<'/api/v2/me/phone', 'get'>['phone']

/** Every answer of the REST API. */
export interface Answer {
  statusCode: number
  statusMessage?: string
}

/** What an accepted text is answered with. */
export type Sent = Answer & Pick<Answered<Own, 'post'>, 'messageId' | 'position' | 'timestamp'>
