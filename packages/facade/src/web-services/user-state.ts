import type { AgentState, WorkMode } from '@ringdown/signalling'

/** An agent's state in Web Services' words, web-services-api §4.4. */
export interface UserState {
  id: string
  displayName: string
  state: 'Ready' | 'NotReady' | 'LoggedOut'
  workMode?: 'AfterCallWork'
}

/** The system's states; ids and their letter case are those that clients have built in. Keys are operation names. */
export const userStates = {
  Ready: { id: '9430250E-0A1B-421F-B372-F29E69366DED', displayName: 'Ready', state: 'Ready' },
  NotReady: { id: '900D55CC-2BB0-431F-8BF9-D3525B383BE6', displayName: 'Not Ready', state: 'NotReady' },
  AfterCallWork: {
    id: 'D3663509-3D82-4DD3-A82E-2EA8EFA02AEF',
    displayName: 'AfterCallWork',
    state: 'NotReady',
    workMode: 'AfterCallWork',
  },
  Offline: { id: '0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB', displayName: 'Offline', state: 'LoggedOut' },
} as const satisfies Record<string, UserState>

/** The state shown for a login on a device; none is Offline. */
export function userStateOf(login: { state: AgentState; workMode?: WorkMode } | null): UserState {
  switch (login?.state) {
    case undefined:
    case 'null':
      return userStates.Offline
    case 'ready':
      return userStates.Ready
    case 'notReady':
      return login?.workMode === 'AfterCallWork' ? userStates.AfterCallWork : userStates.NotReady
  }
}
