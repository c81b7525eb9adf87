import { type Events, RequestRefused, type WebServices } from '@ringdown/client'
import type { Desktop, Effect, Input, Who } from '../model/desktop.ts'
import type { Failure } from '../model/problem.ts'
import type { BrowserPhone, PhoneOptions } from '../phone/browser-phone.ts'
import type { Alerts } from './alerts.ts'
import type { Drawer } from './drawer.ts'
import { PhoneLine } from './phone-line.ts'
import type { Waits } from './waits.ts'

export interface PerformDeps {
  services: WebServices
  /** Opens the stream of notifications; each call makes a new one. */
  events: (listeners: Pick<EventsListeners, 'onNotification' | 'onDevices' | 'onState'>) => Events
  drawer: Drawer
  waits: Waits
  /** Makes SIP endpoints; what they need is loaded only then. */
  phones: { make: (options: PhoneOptions) => Promise<Pick<BrowserPhone, 'start' | 'say' | 'stop'>> }
  alerts: Alerts
  /** Says in the browser's other tabs who has signed in. */
  tellTabs: (who: Who) => void
  /** Milliseconds since 1970. */
  now: () => number
  send: (input: Input) => void
}
type EventsListeners = ConstructorParameters<typeof Events>[0]

/** Carries out what the model asks for; whatever comes of it is the next input. */
export function performer(deps: PerformDeps): (effect: Effect, state: Desktop) => void {
  const { services, drawer, waits, alerts, send } = deps
  let events: Events | undefined
  const phone = new PhoneLine(deps)

  function hangUp(): void {
    const open = events
    events = undefined
    waits.clear()
    // The server notices by itself where this does not arrive.
    open?.stop().catch(() => undefined)
  }

  function listen(): void {
    const former = events
    const made: Events = deps.events({
      onNotification: (data) => {
        if (events === made) send({ input: 'notification', data, now: deps.now() })
      },
      onDevices: ({ devices }) => {
        // A gap of this channel has none; how they are now, the check behind the break has told.
        if (events === made && Array.isArray(devices)) send({ input: 'devicesChanged', devices })
      },
      onState: (state) => {
        if (events === made) send(inputOf(state))
      },
    })
    events = made
    former?.stop().catch(() => undefined)
    // How it goes is told by `onState`, and tried again by the client itself.
    made.start().catch(() => undefined)
  }

  function request(effect: Effect, { login }: Desktop, work: Promise<Input>): void {
    work.then(
      (answer) => send({ ...answer, login }),
      (error: unknown) => send({ input: 'failed', effect, failure: failureOf(error), login }),
    )
  }

  return (effect, state) => {
    switch (effect.effect) {
      case 'listen':
        return listen()
      case 'hangUp':
        return hangUp()
      case 'wait':
        return waits.set(effect.name, effect.ms, () => send({ input: 'waited', name: effect.name }))
      case 'save':
        return drawer.save(effect.key, effect.value)
      case 'load':
        drawer.open(state.me ? `${state.me.centre}/${state.me.userName}` : null)
        return send({ input: 'loaded', entries: drawer.entries() })
      case 'tellTabs':
        return deps.tellTabs(effect.who)
      case 'alert':
        return alerts.alert(effect)
      case 'phoneOn':
        return phone.on(effect)
      case 'phoneOff':
        return phone.off()
      case 'startBySip':
        return request(effect, state, phone.begin(effect))
      default:
        return request(effect, state, ask(services, effect, state, deps.now))
    }
  }
}

type Local =
  | 'tellTabs'
  | 'listen'
  | 'hangUp'
  | 'wait'
  | 'save'
  | 'load'
  | 'alert'
  | 'phoneOn'
  | 'phoneOff'
  | 'startBySip'
type Request = Exclude<Effect, { effect: Local }>

async function ask(services: WebServices, effect: Request, state: Desktop, now: () => number): Promise<Input> {
  const done: Input = { input: 'done', effect }
  switch (effect.effect) {
    case 'whoAmI':
      return {
        input: 'iAm',
        user: await services.whoAmI(),
        ...(effect.check !== undefined && { check: effect.check }),
      }
    case 'signIn':
      return { input: 'iAm', user: await services.signIn(effect.userName, effect.password) }
    case 'signOut':
      await services.endSession()
      return { input: 'done', effect }
    case 'readPlaces':
      return { input: 'placesRead', places: await services.places(effect.search) }
    case 'takePlace':
      await services.startSession(effect.place, effect.devicePath)
      return { input: 'placeTaken', user: await services.whoAmI() }
    case 'leavePlace':
      await services.setState('Offline')
      return done
    case 'setState':
      await services.setState(effect.state)
      return done
    case 'probe':
      await services.me()
      return done
    case 'readSessions': {
      const asked = [...state.view.sessions.values()].filter((one) => one.state !== 'Completed').map(({ id }) => id)
      return { input: 'sessionsRead', sessions: await services.sessions(), asked }
    }
    case 'readSession':
      return { input: 'sessionRead', session: await services.session(effect.id) }
    case 'readTranscript':
      return { input: 'transcriptRead', id: effect.id, messages: await services.transcript(effect.id, effect.after) }
    case 'readContacts':
      return { input: 'contactsRead', search: effect.search, ...(await services.contacts(effect.search)) }
    case 'readName':
      return { input: 'namesRead', contacts: (await services.contacts(effect.number)).contacts }
    case 'readHistory':
      return { input: 'historyRead', sessions: await services.endedSessions() }
    case 'readEnded':
      return { input: 'endedRead', id: effect.id, messages: await services.transcript(effect.id) }
    case 'start':
      await services.initiate(effect.number, Object.keys(effect.userData).length > 0 ? effect.userData : undefined)
      return done
    case 'send': {
      const { id, messageId, text } = effect
      return { input: 'sent', id, messageId, answer: await services.send(id, text, messageId), now: now() }
    }
    case 'answer':
      await (effect.accept ? services.accept(effect.id) : services.reject(effect.id))
      return done
    case 'complete':
      await services.complete(effect.id)
      return done
    case 'attach':
      await services.attachUserData(effect.id, effect.userData)
      return done
    case 'deleteKey':
      await services.deleteUserData(effect.id, effect.key)
      return done
    case 'tellComposing':
      await services.composing(effect.id, effect.composing)
      return done
    case 'tellDisplayed':
      await services.displayed(effect.id, effect.messageId)
      return done
  }
}

function inputOf(state: 'connected' | 'broken' | 'handshaken' | 'subscribed' | 'refused'): Input {
  if (state === 'refused') return { input: 'notLetIn' }
  return state === 'handshaken' ? { input: 'reached' } : { input: state }
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof RequestRefused)) return { failure: 'noAnswer' }
  const { statusCode, httpStatus, message } = error
  return { failure: 'refused', statusCode, httpStatus, message }
}
