import type { StateName } from '@ringdown/client'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Desktop } from '../model/desktop.ts'
import { isAdmin } from '../model/signing.ts'
import { useAct } from './act.ts'
import { Bars, Flask, Logo, Out, Past, Person, Phone } from './icons.tsx'
import { SettingsForm } from './settings.tsx'
import { useText } from './text.ts'

const choices = ['Ready', 'NotReady', 'AfterCallWork'] as const satisfies readonly StateName[]

export function TopBar({ desktop }: { desktop: Desktop }) {
  const say = useText()
  const { tell } = useAct()
  const { me, devices, agentState } = desktop
  return (
    <header class="top-bar">
      <Logo />
      <h1 class="away">{say('app.name')}</h1>
      <div class="who">
        <strong>{me?.name}</strong>
        <span class="small">
          {devices.map(({ phoneNumber }) => say('place.device', { number: phoneNumber })).join(', ')}
        </span>
      </div>
      <div class={`state ${agentState}`}>
        <span class="dot" aria-hidden="true" />
        <label>
          <span class="away">{say('state.label')}</span>
          <select
            value={agentState}
            disabled={desktop.busy.has('setState')}
            onChange={(event) => tell({ input: 'setState', state: event.currentTarget.value as StateName })}
          >
            {choices.map((state) => (
              <option key={state} value={state}>
                {say(`state.${state}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Menu desktop={desktop} />
    </header>
  )
}

/** A button and what it opens: plain buttons in a plain list, closed by Escape or by leaving it. */
function Menu({ desktop }: { desktop: Desktop }) {
  const say = useText()
  const { tell } = useAct()
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  // Before the sheet is seen: a key that is pressed at once must not be lost.
  useLayoutEffect(() => {
    if (!open) return
    const leave = ({ target }: Event) => {
      if (!root.current?.contains(target as Node)) setOpen(false)
    }
    const onKey = ({ key }: KeyboardEvent) => {
      if (key !== 'Escape') return
      setOpen(false)
      button.current?.focus()
    }
    for (const type of ['pointerdown', 'focusin'] as const) document.addEventListener(type, leave)
    document.addEventListener('keydown', onKey)
    return () => {
      for (const type of ['pointerdown', 'focusin'] as const) document.removeEventListener(type, leave)
      document.removeEventListener('keydown', onKey)
    }
  }, [open])
  const choose = (run: () => void) => () => {
    setOpen(false)
    run()
  }
  const away = desktop.page === 'desk' ? 'history' : 'desk'
  return (
    <div class="menu" ref={root}>
      <button
        type="button"
        class="bare"
        ref={button}
        aria-expanded={open}
        aria-controls="menu"
        aria-label={say('menu.open')}
        onClick={() => setOpen(!open)}
      >
        <Bars />
      </button>
      {open && (
        <div class="menu-sheet" id="menu">
          <button type="button" onClick={choose(() => tell({ input: 'openPage', page: away }))}>
            {away === 'history' ? <Past /> : <Phone />}
            {say(`menu.${away}`)}
          </button>
          {isAdmin(desktop) && (
            <button type="button" onClick={choose(() => tell({ input: 'openPage', page: 'lab' }))}>
              <Flask />
              {say('menu.lab')}
            </button>
          )}
          <button type="button" onClick={choose(() => tell({ input: 'leavePlace' }))}>
            <Person />
            {say('menu.place')}
          </button>
          <button type="button" onClick={choose(() => tell({ input: 'signOut' }))}>
            <Out />
            {say('menu.signOut')}
          </button>
          <hr />
          <SettingsForm />
        </div>
      )}
    </div>
  )
}
