import type { FunctionComponent } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Desktop } from '../../model/desktop.ts'
import { ringing } from '../../model/sessions.ts'
import { isAgent } from '../../model/signing.ts'
import { useAct } from '../../view/act.ts'
import { Close, Logo, Out, Phone } from '../../view/icons.tsx'
import { Incoming } from '../../view/incoming.tsx'
import { ProblemText } from '../../view/problem-text.tsx'
import { SettingsForm } from '../../view/settings.tsx'
import { useText } from '../../view/text.ts'
import type { Lab } from '../model/lab.ts'
import { entryOf, mainPage, mainPages } from '../model/page.ts'
import { AgentsPage } from './agents.tsx'
import { AuditPage } from './audit.tsx'
import { useLabText, useTell } from './context.ts'
import { DNsPage } from './dns.tsx'
import { FlowsPage, RegistrationsPage } from './endpoints.tsx'
import { Go } from './go.tsx'
import { LadderView } from './ladder.tsx'
import { LoadPage } from './load.tsx'
import { NodesPage } from './nodes.tsx'
import { SessionsPage } from './sessions.tsx'

/** What all pages of the console have in common. */
export function Frame({ lab, desktop }: { lab: Lab; desktop: Desktop }) {
  const say = useLabText()
  const asked = ringing(desktop)
  return (
    <div class="lab">
      <a class="skip" href="#main">
        {say('lab.skip')}
      </a>
      <Head desktop={desktop} />
      <Pages lab={lab} />
      {asked && <Incoming desktop={desktop} session={asked} />}
      <main class="lab-main" id="main" tabIndex={-1} key={lab.page.page}>
        <div class="lab-problems" role="alert">
          {lab.readProblem && <ProblemText problem={lab.readProblem} />}
          {lab.doProblem && <Done lab={lab} />}
        </div>
        <Contents lab={lab} desktop={desktop} />
      </main>
    </div>
  )
}

/** What was wanted and not done, until it is put away. */
function Done({ lab }: { lab: Lab }) {
  const text = useText()
  const tell = useTell()
  if (!lab.doProblem) return null
  return (
    <div class="done">
      <ProblemText problem={lab.doProblem} />
      <button type="button" class="bare" aria-label={text('toast.dismiss')} onClick={() => tell({ input: 'dismiss' })}>
        <Close />
      </button>
    </div>
  )
}

function Head({ desktop }: { desktop: Desktop }) {
  const say = useLabText()
  const text = useText()
  const { tell } = useAct()
  return (
    <header class="top-bar lab-bar">
      <Logo />
      <div class="who">
        <strong>{say('lab.title')}</strong>
        <span class="small">{desktop.me?.name}</span>
      </div>
      <SettingsSheet />
      {isAgent(desktop) && (
        <button type="button" class="quiet" onClick={() => tell({ input: 'openPage', page: 'desk' })}>
          <Phone />
          <span class="button-text">{text('menu.desk')}</span>
        </button>
      )}
      <button type="button" class="quiet" onClick={() => tell({ input: 'signOut' })}>
        <Out />
        <span class="button-text">{text('menu.signOut')}</span>
      </button>
    </header>
  )
}

/** Closed by Escape, and by leaving it. */
function SettingsSheet() {
  const text = useText()
  const sheet = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    const { current } = sheet
    if (!current) return undefined
    const leave = ({ target }: Event) => {
      if (!current.contains(target as Node)) current.open = false
    }
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === 'Escape') current.open = false
    }
    for (const type of ['pointerdown', 'focusin'] as const) document.addEventListener(type, leave)
    current.addEventListener('keydown', onKey)
    return () => {
      for (const type of ['pointerdown', 'focusin'] as const) document.removeEventListener(type, leave)
      current.removeEventListener('keydown', onKey)
    }
  }, [])
  return (
    <details class="menu" ref={sheet}>
      <summary class="quiet-summary">{text('settings.title')}</summary>
      <div class="menu-sheet">
        <SettingsForm only={['language', 'theme']} />
      </div>
    </details>
  )
}

function Pages({ lab }: { lab: Lab }) {
  const say = useLabText()
  const shown = entryOf(lab.page)
  const strip = useRef<HTMLElement>(null)
  // On a narrow screen the strip is longer than the screen is wide.
  useEffect(() => {
    if (shown) strip.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [shown])
  return (
    <nav class="lab-nav" aria-label={say('lab.pages')} ref={strip}>
      <ul>
        {mainPages.map((name) => (
          <li key={name}>
            <Go page={mainPage(name)} current={name === shown}>
              {say(`page.${name}`)}
            </Go>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function Contents({ lab, desktop }: { lab: Lab; desktop: Desktop }) {
  const { page } = lab
  switch (page.page) {
    case 'sessions':
      return <SessionsPage lab={lab} />
    case 'agents':
      return <AgentsPage lab={lab} page={page} />
    case 'dns':
      return <DNsPage lab={lab} page={page} />
    case 'registrations':
      return <RegistrationsPage lab={lab} />
    case 'flows':
      return <FlowsPage lab={lab} />
    case 'nodes':
      return <NodesPage lab={lab} />
    case 'charts':
      return <LazyCharts lab={lab} />
    case 'load':
      return <LoadPage lab={lab} />
    case 'audit':
      return <AuditPage lab={lab} />
    case 'ladder':
      return <LadderView lab={lab} page={page} roles={desktop.me?.roles ?? []} />
  }
}

/** The charts bring a library with them, which is loaded when somebody looks at them. */
function LazyCharts({ lab }: { lab: Lab }) {
  const text = useText()
  const [Loaded, setLoaded] = useState<FunctionComponent<{ lab: Lab }> | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    import('./charts.tsx').then(
      ({ ChartsPage }) => setLoaded(() => ChartsPage),
      () => setFailed(true),
    )
  }, [])
  if (Loaded) return <Loaded lab={lab} />
  return <p role="status">{text(failed ? 'lab.failed' : 'signIn.opening')}</p>
}
