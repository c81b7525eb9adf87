import { useRef } from 'preact/hooks'
import type { Desktop } from '../model/desktop.ts'
import { sipDevice } from '../model/phone.ts'
import { useAct } from './act.ts'
import { useText } from './text.ts'

/** Where the agent's device has a SIP leg: the page becomes its endpoint, if they know its password. */
export function PhonePanel({ desktop }: { desktop: Desktop }) {
  const say = useText()
  const { tell } = useAct()
  const password = useRef<HTMLInputElement>(null)
  const device = sipDevice(desktop)
  if (!device) return null
  const { state } = desktop.phone
  const off = state === 'off' || state === 'refused' || state === 'nowhere'
  const submit = (event: Event) => {
    event.preventDefault()
    tell({ input: 'phoneOn', password: password.current?.value ?? '' })
    if (password.current) password.current.value = ''
  }
  return (
    <section class="phone" aria-labelledby="phone">
      <h2 id="phone">{say('phone.title', { number: device.phoneNumber })}</h2>
      {off && <p class="small">{say('phone.lead')}</p>}
      <p class={`phone-state ${state}`} role="status">
        <span class={`dot ${state === 'registered' ? 'Ready' : off ? 'Offline' : 'NotReady'}`} aria-hidden="true" />
        {say(`phone.state.${state}`)}
      </p>
      {off ? (
        <form class="dial" onSubmit={submit}>
          <label class="field">
            <span>{say('phone.password')}</span>
            <input type="password" autocomplete="off" required ref={password} />
          </label>
          <button type="submit">{say('phone.on')}</button>
        </form>
      ) : (
        <button type="button" onClick={() => tell({ input: 'phoneOff' })}>
          {say('phone.off')}
        </button>
      )}
    </section>
  )
}
