import { type Call, type CallUUID, isCallUUID, type LiveState } from '@ringdown/signalling'
import { Type } from 'typebox'
import type { Centre } from '../login.ts'
import { ApiError } from '../web-services/status.ts'
import type { Page } from './ports.ts'

/** An IM session as the operator sees it: who with whom, never what they say. */
export interface LabSession {
  callUUID: CallUUID
  state: LiveState | 'ended'
  /** Milliseconds since 1970. */
  created: number
  parties: readonly {
    dn: string
    role: string
    state: string
    leg: string
    /** User name of who works there. */
    agent: string | null
    /** Where the leg is a SIP leg: how it is reached, by which node, over which trunk. */
    sip?: { owner: string; mode: string; trunk: string | null }
  }[]
  /** Keys of the user data; values are the parties' own. */
  userDataKeys: readonly string[]
  end?: { by: string | null; why: string; at: number; sipStatus?: number; sipReason?: string }
}

const text = Type.String()
const orNull = Type.Union([Type.String(), Type.Null()])
const milliseconds = Type.Number({ description: 'Milliseconds since 1970' })

export const sessionFields = {
  callUUID: text,
  state: Type.Enum(['dialing', 'talking', 'ended']),
  created: milliseconds,
  parties: Type.Array(
    Type.Object({
      dn: text,
      role: text,
      state: text,
      leg: Type.Enum(['tlibrary', 'sip']),
      agent: orNull,
      sip: Type.Optional(Type.Object({ owner: text, mode: text, trunk: orNull })),
    }),
  ),
  userDataKeys: Type.Array(text),
  end: Type.Optional(
    Type.Object({
      by: orNull,
      why: text,
      at: milliseconds,
      sipStatus: Type.Optional(Type.Integer()),
      sipReason: Type.Optional(text),
    }),
  ),
}

/** Living sessions, oldest first. SPEC LB-2. */
export async function sessionPage(centre: Centre, after: string | undefined, limit: number): Promise<Page<LabSession>> {
  const { calls, next } = await centre.store.listCalls(after, limit)
  return { items: calls.map((call) => shown(call, centre)), ...(next !== undefined && { next }) }
}

/** One session, living or ended. Throws ApiError 6. */
export async function oneSession(centre: Centre, id: string): Promise<LabSession> {
  const call = isCallUUID(id) ? await centre.tserver.anyCall(id) : undefined
  if (!call) throw noSession(id)
  return shown(call, centre)
}

/** The one the agent is in now, if any. */
export async function sessionOf(centre: Centre, userName: string): Promise<readonly LabSession[]> {
  const person = centre.directory().personsByUserName.get(userName)
  if (!person) throw new ApiError(6, `There is no user ${userName}`)
  const call = await centre.tserver.session(person.id)
  return call ? [shown(call, centre)] : []
}

export function noSession(id: string): ApiError {
  return new ApiError(6, `There is no session ${id}, or it is kept no more`)
}

function shown({ callUUID, created, parties, userData, end }: Call, centre: Centre): LabSession {
  const { persons } = centre.directory()
  return {
    callUUID,
    state: end ? 'ended' : parties.every(({ state }) => state === 'connected') ? 'talking' : 'dialing',
    created,
    parties: parties.map(({ dn, role, state, leg, agent, sip }) => ({
      dn,
      role,
      state,
      leg,
      agent: agent === null ? null : (persons.get(agent)?.userName ?? agent),
      ...(sip && { sip: { owner: sip.owner, mode: sip.mode, trunk: sip.trunk } }),
    })),
    userDataKeys: Object.keys(userData),
    ...(end && {
      end: {
        by: end.by,
        why: end.why,
        at: end.at,
        ...(end.sip?.status !== undefined && { sipStatus: end.sip.status }),
        ...(end.sip?.reason !== undefined && { sipReason: end.sip.reason }),
      },
    }),
  }
}
