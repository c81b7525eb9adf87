import { basic, people, type Role, type Site, userNames } from './people.ts'
import type { Kind, Owner } from './policy.ts'

/** What stands for each owner's object of a kind in a path, for a role that asks; an owner who has none is left out. */
export type Objects = Partial<Record<Owner, string>>

/** Ids of all kinds of objects of a site, as each role may try them. */
export async function objectsOf(site: Site): Promise<(kind: Kind, role: Role) => Objects> {
  const list = async (user: string, path: string, key: string) => {
    const reply = await site.inject({ url: `/api/v2${path}`, headers: basic(user) })
    return reply.json()[key] as Readonly<Record<string, string>>[]
  }
  const both = async (path: string, key: string) => ({
    north: await list('ada', path, key),
    south: await list('zoe', path, key),
  })
  const users = await both('/users?fields=*', 'users')
  const devices = await both('/devices?fields=*', 'devices')
  const classes = new Map<Kind, { north: string; south: string }>()
  const spare: readonly (readonly [Kind, string, string])[] = [
    ['dns', 'number', '7999'],
    ['places', 'name', 'Place_spare_north'],
    ['persons', 'userName', 'fred'],
    ['agent-logins', 'loginCode', '57999'],
    ['switches', 'name', 'Spare_north'],
  ]
  for (const [kind, key, name] of spare) {
    const { north, south } = await both(`/platform/configuration/${kind}`, kind)
    const ours = north.find((each) => each[key] === name)?.DBID
    const theirs = south[0]?.DBID
    if (ours === undefined || theirs === undefined || north.some(({ DBID }) => DBID === theirs))
      throw new Error(`${kind}: the contact centres are not told apart`)
    classes.set(kind, { north: ours, south: theirs })
  }
  const pick = (from: Readonly<Record<string, string>>[], key: string, value: string): string => {
    const id = from.find((each) => each[key] === value)?.id
    if (id === undefined) throw new Error(`there is no ${value}`)
    return id
  }
  const numbers = { agent: '7001', supervisor: '7003', admin: '7005', apiuser: '7006' } as const
  type Ours = (typeof people)[number]
  const isOurs = (role: Role): role is Ours => people.some((one) => one === role)

  const northern = (kind: Kind, role: Ours): Objects => {
    switch (kind) {
      case 'session': {
        const { agent, supervisor } = site.sessions
        if (role === 'agent') return { own: agent, colleague: supervisor }
        return role === 'supervisor' ? { own: supervisor, colleague: agent } : { colleague: agent }
      }
      case 'user':
        return { own: pick(users.north, 'userName', userNames[role]), colleague: pick(users.north, 'userName', 'fred') }
      case 'fellow':
        return { colleague: pick(users.north, 'userName', 'fred') }
      case 'loggedIn':
        return { colleague: pick(users.north, 'userName', 'ben') }
      case 'device':
        return {
          own: pick(devices.north, 'phoneNumber', numbers[role]),
          colleague: pick(devices.north, 'phoneNumber', '7002'),
        }
      case 'nothing':
        return {}
      case 'feature':
        return { own: 'api-voice-instant-messaging' }
      default:
        return { colleague: classes.get(kind)?.north ?? '' }
    }
  }
  const southern = (kind: Kind): string | undefined => {
    switch (kind) {
      case 'session':
        return site.sessions.foreign
      case 'user':
      case 'fellow':
      case 'loggedIn':
        return pick(users.south, 'userName', 'yuri')
      case 'device':
        return pick(devices.south, 'phoneNumber', '8002')
      case 'nothing':
      case 'feature':
        return undefined
      default:
        return classes.get(kind)?.south
    }
  }
  return (kind, role) => {
    const theirs = southern(kind)
    const none = noneLike(theirs)
    const there = role === 'foreignAdmin' ? northern(kind, 'agent') : northern(kind, isOurs(role) ? role : 'agent')
    if (role !== 'foreignAdmin') return { ...there, ...(theirs !== undefined && { foreign: theirs }), none }
    const foreign = there.colleague
    // To somebody of another contact centre every object here is foreign; features are the software's.
    return { ...(kind === 'feature' && there), ...(foreign !== undefined && { foreign }), none: noneLike(foreign) }
  }
}

/** An id of the same form that nobody has. */
function noneLike(id = 'none'): string {
  const last = id.at(-1) === '9' ? '8' : '9'
  return id.slice(0, -1) + last
}
