import { type EndedSession, unknownSession, withLine, withResource } from '@ringdown/client'
import type { Desktop } from '../model/desktop.ts'
import { foundIn, nameOf } from '../model/people.ts'
import { useAct } from './act.ts'
import { endText } from './end-text.ts'
import { momentOf, valueText } from './format.ts'
import { Search } from './icons.tsx'
import { useText } from './text.ts'
import { Rows } from './transcript.tsx'

/** The agent's sessions of the past, to be found by whatever is remembered of them. */
export function HistoryPage({ desktop }: { desktop: Desktop }) {
  const say = useText()
  const { tell } = useAct()
  const { list, search, shown } = desktop.history
  const found = foundIn(desktop)
  const session = list?.find(({ id }) => id === shown)
  return (
    <main class="columns past">
      <nav class="people" aria-label={say('history.title')}>
        <section>
          <h2>{say('history.title')}</h2>
          <p class="small">{say('history.lead')}</p>
          <label class="field search">
            <span class="away">{say('history.search')}</span>
            <Search />
            <input
              type="search"
              value={search}
              onInput={(event) => tell({ input: 'searchHistory', search: event.currentTarget.value })}
            />
          </label>
          <p class="small" role="status">
            {list === null && say('history.reading')}
            {list?.length === 0 && say('history.none')}
            {list !== null && list.length > 0 && found.length === 0 && say('history.notFound')}
          </p>
          <ul class="list">
            {found.map((one) => (
              <PastEntry key={one.id} desktop={desktop} session={one} />
            ))}
          </ul>
        </section>
      </nav>
      <section class="session" id="conversation" tabIndex={-1} aria-label={say('session.title')}>
        {session ? (
          <PastSession desktop={desktop} session={session} />
        ) : (
          <div class="nothing">
            <p>{say('history.choose')}</p>
          </div>
        )}
      </section>
    </main>
  )
}

function PastEntry({ desktop, session }: { desktop: Desktop; session: EndedSession }) {
  const say = useText()
  const { tell } = useAct()
  return (
    <li>
      <button
        type="button"
        class="entry"
        aria-current={session.id === desktop.history.shown}
        onClick={() => tell({ input: 'showEnded', id: session.id })}
      >
        <span class="entry-name">
          {nameOf(desktop, session.participants[0]?.digits ?? null)}
          <span class="small">
            <time dateTime={session.began}>{momentOf(session.began, say.locale)}</time> · {useLength(session)}
          </span>
        </span>
      </button>
    </li>
  )
}

function useLength({ began, ended }: EndedSession): string {
  const say = useText()
  const minutes = Math.round((Date.parse(ended) - Date.parse(began)) / 60_000)
  return minutes >= 1 ? say('history.length', { minutes }) : say('history.short')
}

function PastSession({ desktop, session }: { desktop: Desktop; session: EndedSession }) {
  const say = useText()
  const lines = desktop.history.transcripts.get(session.id)
  const view = (lines ?? []).reduce(withLine, withResource(unknownSession(session.id), session))
  const name = nameOf(desktop, view.peer)
  const pairs = Object.entries(session.userData ?? {})
  return (
    <>
      <header class="session-head">
        <div class="session-name">
          <h2>{say('session.with', { name })}</h2>
          <p class="small">
            {momentOf(session.began, say.locale)} · {endText(say, view, (digits) => nameOf(desktop, digits))}
          </p>
        </div>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has only a keyboard scrolls it with the arrow keys */}
      <section class="transcript" tabIndex={0} aria-label={say('session.with', { name })}>
        {pairs.length > 0 && (
          <dl class="past-data">
            {pairs.map(([key, value]) => (
              <div key={key}>
                <dt>{key}</dt>
                <dd>{valueText(value)}</dd>
              </div>
            ))}
          </dl>
        )}
        {lines === undefined && <p class="nothing-said">{say('history.readingOne')}</p>}
        {lines?.length === 0 && <p class="nothing-said">{say('history.noTexts')}</p>}
        <Rows session={view} name={name} past />
      </section>
    </>
  )
}
