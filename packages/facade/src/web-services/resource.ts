import { createHash } from 'node:crypto'
import {
  type Call,
  type CallEnd,
  type CallUUID,
  type Directory,
  type DN,
  type DNRecord,
  type DNumber,
  imLeg,
  type Leg,
  type PartyState,
  type PersonID,
  type UserData,
} from '@ringdown/signalling'
import { type UserState, userStateOf } from './user-state.ts'

/** The other party of a session, web-services-api §4.7. An internal extension's e164Number repeats its digits. */
export interface Participant {
  digits: string
  e164Number: string
  formattedPhoneNumber: string
  phoneNumber: string
}

export type ImSessionState = 'Initiating' | 'Alerting' | 'Talking' | 'Completed'
export type ImCapability =
  | 'SendMessage'
  | 'AttachUserData'
  | 'UpdateUserData'
  | 'DeleteUserData'
  | 'Complete'
  | 'Accept'
  | 'Reject'

/** An IM session as one of its parties sees it, web-services-api §2.2. What begins with `end` is ours. */
export interface ImSession {
  id: CallUUID
  state: ImSessionState
  /** Absent when there is none. */
  userData?: UserData
  participants: Participant[]
  capabilities: readonly ImCapability[]
  path: string
  uri: string
  /** Digits of the DN that ended it; null when the engine did. Only when completed. */
  endedBy?: string | null
  endReason?: CallEnd['why']
  /** What SIP said about the end: a status where it was a refusal, and the reason in the peer's words. */
  endSipStatus?: number
  endSipReason?: string
}

/** How a device takes part in IM: by this API, by its SIP endpoint, or not at all. */
export type ImAccess = 'api' | 'sip' | 'none'

export function imAccess(leg: Leg | null): ImAccess {
  return leg === 'tlibrary' ? 'api' : (leg ?? 'none')
}

export interface Device {
  id: string
  deviceState: 'Active' | 'Inactive'
  userState: UserState
  phoneNumber: string
  e164Number: string
  telephonyNetwork: 'Private'
  doNotDisturb: 'Off'
  type: string
  /** `im` marks a device that can carry IM; nothing in the original shows it. */
  channels: readonly string[]
  /** Ours. */
  imAccess: ImAccess
  capabilities: readonly string[]
  path: string
  uri: string
}

/** Web Services' word for a party's state, web-services-api §2.2. */
export const imSessionState = {
  null: 'Completed',
  dialing: 'Initiating',
  alerting: 'Alerting',
  connected: 'Talking',
} as const satisfies Record<PartyState, ImSessionState>

const data = ['AttachUserData', 'UpdateUserData', 'DeleteUserData'] as const
const capabilities = {
  Initiating: [...data, 'Complete'],
  Alerting: [...data, 'Complete'],
  Talking: ['SendMessage', ...data, 'Complete'],
  Completed: [],
} as const satisfies Record<ImSessionState, readonly ImCapability[]>
const whileAsked = ['Accept', 'Reject', ...data, 'Complete'] as const satisfies readonly ImCapability[]

/** What a party may do now. SPEC WS-3: `Accept` and `Reject` only where somebody has to answer. */
export function capabilitiesOf(state: ImSessionState, answersItself: boolean): readonly ImCapability[] {
  return state === 'Alerting' && !answersItself ? whileAsked : capabilities[state]
}

/** What a session resource is made from, whether it comes from an event or from the call. */
export interface ImSessionParts {
  callUUID: CallUUID
  state: ImSessionState
  userData: UserData
  other: DNumber
  /** Nobody has to press anything at the viewer's DN: the engine answers for it, or its SIP endpoint. */
  answersItself: boolean
  end?: CallEnd | undefined
}

/** The resource of web-services-api §2.2. */
export function imSession(parts: ImSessionParts, apiRoot: string): ImSession {
  const { callUUID, state, userData, other, end } = parts
  return {
    id: callUUID,
    state,
    ...(hasKeys(userData) && { userData }),
    participants: [participant(other)],
    capabilities: capabilitiesOf(state, parts.answersItself),
    path: imSessionPath(callUUID),
    uri: apiRoot + imSessionPath(callUUID),
    ...(state === 'Completed' && end && ending(end)),
  }
}

function ending({ by, why, sip }: CallEnd) {
  return {
    endedBy: by,
    endReason: why,
    ...(sip?.status !== undefined && { endSipStatus: sip.status }),
    ...(sip?.reason !== undefined && { endSipReason: sip.reason }),
  }
}

/** The call as the person sees it; undefined where they are no party to it. */
export function imSessionOfCall(
  call: Call,
  person: PersonID,
  directory: Directory,
  apiRoot: string,
): ImSession | undefined {
  const mine = call.parties.find((party) => party.agent === person)
  const other = call.parties.find((party) => party !== mine)
  if (!mine || !other) return undefined
  return imSession(
    {
      callUUID: call.callUUID,
      state: call.end ? 'Completed' : imSessionState[mine.state],
      userData: call.userData,
      other: other.dn,
      answersItself: answersItself(directory, mine.dn),
      end: call.end,
    },
    apiRoot,
  )
}

/** Whether the engine or a SIP endpoint answers for the DN. A DN that left the configuration has nobody to ask. */
export function answersItself(directory: Directory, number: DNumber): boolean {
  const dn = directory.dns.get(number)
  return !dn || imLeg(dn) === 'sip' || dn.options.autoAnswer
}

/** A device of web-services-api §4.2: a DN, and who is logged in there. */
export function device(
  dn: DN,
  login: Pick<NonNullable<DNRecord['login']>, 'state' | 'workMode'> | null,
  centre: string,
  apiRoot: string,
): Device {
  const id = deviceID(centre, dn.number)
  const leg = imLeg(dn)
  return {
    id,
    deviceState: login ? 'Active' : 'Inactive',
    userState: userStateOf(login),
    phoneNumber: dn.number,
    e164Number: dn.number,
    telephonyNetwork: 'Private',
    doNotDisturb: 'Off',
    type: dn.type.replaceAll(' ', ''),
    channels: leg ? ['voice', 'im'] : ['voice'],
    imAccess: imAccess(leg),
    capabilities: [],
    path: `/devices/${id}`,
    uri: `${apiRoot}/devices/${id}`,
  }
}

/** A device's id: the same on every node and after every restart, in the form of a UUID (RFC 9562 §5.8). */
export function deviceID(centre: string, dn: DNumber): string {
  const hash = createHash('sha256').update(`${centre}\0${dn}`).digest()
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

export function imSessionPath(callUUID: CallUUID): string {
  return `/im-sessions/${callUUID}`
}

/** A number in the words of web-services-api §4.7. */
export function participant(dn: DNumber): Participant {
  return { digits: dn, e164Number: dn, formattedPhoneNumber: dn, phoneNumber: dn }
}

function hasKeys(pairs: UserData): boolean {
  for (const _ in pairs) return true
  return false
}
