import { type Desktop, type Input, type Step, step } from './desktop.ts'
import { ask } from './signing.ts'
import { told } from './told.ts'

/** The page as the SIP endpoint of the agent's device. */
export type Phone =
  | { state: 'off' }
  /** The password was wrong, or the device may not register. */
  | { state: 'refused' }
  /** This node has no SIP over WebSocket. */
  | { state: 'nowhere' }
  | { state: 'connecting' | 'registered' | 'lost' }

/** The device whose texts go by SIP, where the agent works at one. */
export function sipDevice({ devices }: Desktop): Desktop['devices'][number] | undefined {
  return devices.find(({ imAccess }) => imAccess === 'sip')
}

/** SPEC DT-26. */
export function phone(state: Desktop, input: Input): Step | undefined {
  switch (input.input) {
    case 'phoneOn': {
      const device = sipDevice(state)
      if (!device) return step(state)
      const effect = { effect: 'phoneOn', number: device.phoneNumber, password: input.password } as const
      return step({ ...state, phone: { state: 'connecting' } }, effect)
    }
    case 'phoneOff':
      return step({ ...state, phone: { state: 'off' } }, { effect: 'phoneOff' })
    case 'phoneNews': {
      if (state.phone.state === 'off') return step(state)
      const off = input.news === 'refused' || input.news === 'nowhere'
      return step({ ...state, phone: { state: input.news } }, ...(off ? [{ effect: 'phoneOff' } as const] : []))
    }
    case 'startBySip': {
      const { number, text, messageId } = input
      return ask({ ...state, calling: number }, { effect: 'startBySip', number, text, messageId }, 'start')
    }
    case 'startedBySip':
      return startedBySip(state, input.status, input.reason)
    default:
      return undefined
  }
}

function startedBySip(state: Desktop, status: number, reason: string): Step {
  if (status < 300) return step(state)
  const idle = { ...state, calling: null }
  if (status === 486 || status === 600) return told(idle, { kind: 'peerBusy' })
  if (status === 404 || status === 604) return told(idle, { kind: 'noSuchNumber' })
  if (status === 480) return told(idle, { kind: 'peerAway' })
  return told(idle, { kind: 'refused', detail: `${status} ${reason}` })
}
