import { useRef, useState } from 'preact/hooks'
import type { Desktop } from '../model/desktop.ts'
import { useAct } from './act.ts'
import { Logo } from './icons.tsx'
import { ProblemText } from './problem-text.tsx'
import { SettingsForm } from './settings.tsx'
import { useText } from './text.ts'

export function SignIn({ desktop }: { desktop: Desktop }) {
  const say = useText()
  const { tell } = useAct()
  const [userName, setUserName] = useState(desktop.me?.userName ?? '')
  const password = useRef<HTMLInputElement>(null)
  const busy = desktop.busy.has('signIn')
  const submit = (event: Event) => {
    event.preventDefault()
    // It goes to the server and stays nowhere on the page.
    tell({ input: 'signIn', userName: userName.trim(), password: password.current?.value ?? '' })
    if (password.current) password.current.value = ''
  }
  return (
    <main class="front">
      <form class="card sign-in" onSubmit={submit} aria-busy={busy}>
        <Logo />
        <h1>{say('signIn.title')}</h1>
        <p class="lead">{say('signIn.lead')}</p>
        <div role="alert">{desktop.problem && !busy && <ProblemText problem={desktop.problem} />}</div>
        <label class="field">
          <span>{say('signIn.userName')}</span>
          <input
            name="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            value={userName}
            onInput={(event) => setUserName(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{say('signIn.password')}</span>
          <input name="password" type="password" autocomplete="current-password" required ref={password} />
        </label>
        <button type="submit" class="primary wide" disabled={busy}>
          {busy ? say('signIn.busy') : say('signIn.submit')}
        </button>
      </form>
      <SettingsForm only={['language', 'theme']} />
    </main>
  )
}

export function Opening({ desktop }: { desktop: Desktop }) {
  const say = useText()
  return (
    <main class="front">
      <div class="card sign-in" role="status">
        <Logo />
        <h1>{say('app.name')}</h1>
        {desktop.problem ? <ProblemText problem={desktop.problem} /> : <p class="lead">{say('signIn.opening')}</p>}
      </div>
    </main>
  )
}
