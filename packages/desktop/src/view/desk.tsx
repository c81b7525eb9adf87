import { useEffect, useState } from 'preact/hooks'
import type { Desktop } from '../model/desktop.ts'
import { ringing } from '../model/sessions.ts'
import { HistoryPage } from './history.tsx'
import { Incoming } from './incoming.tsx'
import { LinkLine } from './link-line.tsx'
import { People } from './people.tsx'
import { SessionPane } from './session.tsx'
import { useText } from './text.ts'
import { TopBar } from './top-bar.tsx'

/** On a narrow screen one of them is seen at a time. */
export type Pane = 'people' | 'session'

export function DeskPage({ desktop }: { desktop: Desktop }) {
  const say = useText()
  const [pane, setPane] = useState<Pane>(desktop.shown === null ? 'people' : 'session')
  const { shown } = desktop
  useEffect(() => {
    if (shown !== null) setPane('session')
  }, [shown])
  const asked = ringing(desktop)
  return (
    <div class="desk" data-pane={pane}>
      <a class="skip" href="#conversation">
        {say('app.skip')}
      </a>
      <TopBar desktop={desktop} />
      <LinkLine link={desktop.link} />
      {asked && <Incoming desktop={desktop} session={asked} />}
      {desktop.page === 'history' ? (
        <HistoryPage desktop={desktop} />
      ) : (
        <main class="columns">
          <People desktop={desktop} onPane={setPane} />
          <SessionPane desktop={desktop} onPane={setPane} />
        </main>
      )}
    </div>
  )
}
