import type { StateName, UserState, WholeUser } from '@ringdown/client'
import { type Desktop, type Effect, emptyDesktop, type Input, type Page, type Step, step, type Who } from './desktop.ts'
import { keep, leftElsewhere } from './keeping.ts'
import type { Link } from './link.ts'
import { newLink } from './link.ts'

/** Signing in, taking a place, changing one's state, and signing out. SPEC DT-18. */
export function signing(state: Desktop, input: Input): Step | undefined {
  switch (input.input) {
    case 'opened':
      return step(state, { effect: 'whoAmI' })
    case 'signIn':
      return ask({ ...state, problem: null }, { effect: 'signIn', userName: input.userName, password: input.password })
    case 'iAm':
      return isAnother(state, input.user) ? takenOver(state) : signedIn(state, input.user)
    case 'signedInElsewhere':
      return signedInElsewhere(state, input.who)
    case 'searchPlaces':
      return step(state, { effect: 'readPlaces', search: input.search })
    case 'placesRead':
      return step({ ...state, places: input.places, problem: state.places === null ? null : state.problem })
    case 'waited':
      return input.name === 'places' && state.stage === 'place'
        ? step(state, { effect: 'readPlaces', search: '' })
        : undefined
    case 'takePlace': {
      const { place, devicePath } = input
      return ask({ ...state, problem: null }, { effect: 'takePlace', place, ...(devicePath && { devicePath }) })
    }
    case 'placeTaken':
      return isAnother(state, input.user) ? takenOver(state) : toDesk(withUser(state, input.user))
    case 'leavePlace':
      return ask(state, { effect: 'leavePlace' })
    case 'setState':
      return ask(state, { effect: 'setState', state: input.state })
    case 'devicesChanged':
      return devicesChanged(state, input.devices)
    case 'signOut':
      return ask(state, { effect: 'signOut' })
    case 'savedElsewhere':
      return leftElsewhere(input) ? signedOut(state) : undefined
    case 'notLetIn':
      return step(state, { effect: 'whoAmI' })
    case 'done':
      return done(state, input.effect)
    default:
      return undefined
  }
}

/** Marks something as under way, once: an impatient second click asks for nothing. */
export function ask(state: Desktop, effect: Effect, key: string = effect.effect): Step {
  if (state.busy.has(key)) return step(state)
  return step({ ...state, busy: new Set([...state.busy, key]) }, effect)
}

function done(state: Desktop, effect: Effect): Step | undefined {
  switch (effect.effect) {
    case 'setState':
      return step({ ...state, agentState: effect.state })
    case 'signOut': {
      // The value alone would be no news at the second time.
      const { state: after, effects } = signedOut(state)
      return step(after, keep.left('yes'), keep.left(null), ...effects)
    }
    case 'leavePlace':
      return toPlace(
        { ...state, agentState: 'Offline', link: newLink, phone: { state: 'off' } },
        { effect: 'hangUp' },
        { effect: 'phoneOff' },
      )
    default:
      return undefined
  }
}

/** Nobody is signed in any more. What waits in the outbox stays in the browser for who wrote it. */
export function signedOut(state: Desktop): Step {
  return step({ ...emptyPage(state), stage: 'signIn' }, { effect: 'hangUp' }, { effect: 'phoneOff' })
}

/** Somebody else has signed in in this browser; the cookie is theirs now. SPEC DT-27. */
function takenOver(state: Desktop): Step {
  const { state: after, effects } = signedOut(state)
  return step({ ...after, problem: { kind: 'someoneElse' } }, ...effects)
}

/** Whether a user is whom the page shows. */
export function isMe({ me }: Desktop, user: WholeUser): boolean {
  return me?.userName === user.userName && me.centre === user.contactCenterId
}

/** Whether a page that is at work turns out to be somebody else's; who signs in anew may be anybody. */
function isAnother(state: Desktop, user: WholeUser): boolean {
  return (state.stage === 'place' || state.stage === 'desk') && state.me !== null && !isMe(state, user)
}

function signedInElsewhere(state: Desktop, { centre, userName }: Who): Step {
  const { me, stage } = state
  if (me === null) return step(state)
  if (me.centre !== centre || me.userName !== userName) return takenOver(state)
  // The login that had ended is there again.
  return step(state, ...(stage === 'signIn' ? [{ effect: 'whoAmI' } as const] : []))
}

/** It is still whom the page shows; whether they are at their desk is as the server says. */
export function withConfirmed(before: Desktop, user: WholeUser): Step {
  const state = withUser({ ...before, held: null }, user)
  return state.agentState === 'Offline' ? toPlace({ ...state, link: newLink }, { effect: 'hangUp' }) : step(state)
}

/** The page with nothing on it of whoever was there. */
function emptyPage({ login, visible }: Desktop): Desktop {
  return { ...emptyDesktop, login: login + 1, visible }
}

/** The login has ended without the agent's doing: they sign in again and go on where they were. SPEC DT-19. */
export function expired(state: Desktop): Step {
  const link: Link = { ...newLink, wasLive: state.link.wasLive, gap: state.link.gap }
  return step(
    { ...state, stage: 'signIn', held: null, toldSeen: [], busy: new Set(), problem: { kind: 'expired' }, link },
    { effect: 'hangUp' },
  )
}

function signedIn(before: Desktop, user: WholeUser): Step {
  // Another agent at the same screen gets nothing of the one before.
  const same = isMe(before, user)
  const base = same ? before : emptyPage(before)
  const state = withUser({ ...base, page: pageFor(user.roles, before.page), problem: null }, user)
  const left: readonly Effect[] = same || before.me === null ? [] : [{ effect: 'hangUp' }, { effect: 'phoneOff' }]
  const tell: Effect = { effect: 'tellTabs', who: { centre: user.contactCenterId, userName: user.userName } }
  const load: readonly Effect[] = same ? [tell] : [...left, { effect: 'load' }, tell]
  if (state.agentState === 'Offline') {
    const { state: after, effects } = toPlace(state)
    return step(after, ...load, ...effects)
  }
  const { state: after, effects } = toDesk(state)
  return step(after, ...load, ...effects)
}

const [agent, admin] = ['ROLE_AGENT', 'ROLE_ADMIN'] as const

/** The lab console is for administrators; who is nothing else has no desk. SPEC DT-40. */
function pageFor(roles: readonly string[], page: Page): Page {
  if (!roles.includes(admin)) return page === 'lab' ? 'desk' : page
  return roles.includes(agent) ? page : 'lab'
}

export function isAdmin({ me }: Desktop): boolean {
  return me?.roles.includes(admin) ?? false
}

export function isAgent({ me }: Desktop): boolean {
  return me?.roles.includes(agent) ?? false
}

/** Whether the page is the lab console's now. */
export function showsLab(desktop: Desktop): boolean {
  return desktop.page === 'lab' && isAdmin(desktop) && (desktop.stage === 'place' || desktop.stage === 'desk')
}

function withUser(state: Desktop, user: WholeUser): Desktop {
  const { userName, firstName, lastName, contactCenterId, roles, devices, channels } = user
  const name = [firstName, lastName].filter((part) => part !== '').join(' ') || userName
  const me = { userName, name, centre: contactCenterId, roles }
  return { ...state, me, devices, agentState: stateName(channels[0]?.userState) }
}

function toPlace(state: Desktop, ...effects: readonly Effect[]): Step {
  return step({ ...state, stage: 'place', held: null, places: null }, ...effects, { effect: 'readPlaces', search: '' })
}

function toDesk(state: Desktop): Step {
  return step(
    { ...state, stage: 'desk', held: null, problem: null },
    { effect: 'listen' },
    { effect: 'readContacts', search: state.contacts.search },
    ...(state.page === 'history' ? [{ effect: 'readHistory' } as const] : []),
  )
}

function devicesChanged(state: Desktop, devices: Desktop['devices']): Step {
  const changed = new Map(devices.map((device) => [device.id, device]))
  const all = state.devices.map((device) => changed.get(device.id) ?? device)
  const [first] = all
  if (first === undefined || state.stage !== 'desk') return step({ ...state, devices: all })
  const agentState = stateName(first.userState)
  // Another tab, or an administrator, has logged the agent out.
  if (agentState === 'Offline')
    return toPlace({ ...state, devices: all, agentState, link: newLink }, { effect: 'hangUp' })
  return step({ ...state, devices: all, agentState })
}

export function stateName(state: UserState | undefined): StateName {
  switch (state?.state) {
    case 'Ready':
      return 'Ready'
    case 'NotReady':
      return state.workMode === 'AfterCallWork' ? 'AfterCallWork' : 'NotReady'
    case 'LoggedOut':
    case undefined:
      return 'Offline'
  }
}
