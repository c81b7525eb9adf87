import { useMemo, useRef, useState } from 'preact/hooks'
import { entryKinds, type LabSession } from '../contract.ts'
import type { Lab } from '../model/lab.ts'
import { contentOf, kindsOf, type LadderState, type Rung, rungsOf, switched } from '../model/ladder.ts'
import { type LadderPage, pathOf } from '../model/page.ts'
import { useLabText, useTell } from './context.ts'
import { discardText } from './discard.ts'
import { EntryPanel } from './entry-panel.tsx'
import { KindMark } from './glyphs.tsx'
import { Go } from './go.tsx'
import { SearchField } from './head.tsx'
import { LadderTexts } from './ladder-texts.tsx'
import { Rungs } from './rungs.tsx'
import { saveFile } from './save.ts'
import { legText, partyText, SessionState } from './sessions.tsx'
import { momentText } from './when.ts'

interface LadderProps {
  lab: Lab
  page: LadderPage
  roles: readonly string[]
}

/** A session from end to end. */
export function LadderView({ lab, page, roles }: LadderProps) {
  const { ladder } = lab
  return ladder && <SessionLadder lab={lab} state={ladder} page={page} roles={roles} />
}

function SessionLadder({ lab, state, page, roles }: LadderProps & { state: LadderState }) {
  const say = useLabText()
  const tell = useTell()
  const panel = useRef<HTMLElement>(null)
  const { ladder, shown } = state
  const { kinds, search } = page
  // Thousands of entries are looked through where something has changed, not with every second.
  const rungs = useMemo(() => rungsOf({ ladder, shown }, { kinds, search }), [ladder, shown, kinds, search])
  const chosen = useMemo(() => ladder?.entries.find(({ id }) => id === page.entry), [ladder, page.entry])
  const choose = (entry: string | null) => tell({ input: 'turnTo', page: { ...page, entry } })
  return (
    <section class={chosen ? 'lab-page ladder with-side' : 'lab-page ladder'}>
      <div class="ladder-head">
        <LadderHead state={state} />
        <Tools state={state} page={page} />
        <Filter state={state} page={page} rungs={rungs} />
        <LadderTexts state={state} roles={roles} />
        <Lacking state={state} />
      </div>
      {state.ladder === null && !lab.readProblem && <p role="status">{say('ladder.reading')}</p>}
      {state.ladder !== null && rungs.length === 0 && (
        <p role="status">{say(state.ladder.entries.length === 0 ? 'ladder.none' : 'ladder.filtered')}</p>
      )}
      {state.ladder !== null && rungs.length > 0 && (
        <Rungs
          lanes={state.ladder.lanes}
          rungs={rungs}
          chosen={page.entry}
          onChoose={choose}
          onEnter={() => panel.current?.focus()}
        />
      )}
      {chosen && (
        <EntryPanel
          entry={chosen}
          lanes={state.ladder?.lanes ?? []}
          content={contentOf(state, chosen)}
          onClose={() => choose(null)}
          panel={panel}
        />
      )}
    </section>
  )
}

function LadderHead({ state: { id, session } }: { state: LadderState }) {
  const say = useLabText()
  return (
    <header>
      <p class="small">
        <Go page={{ page: 'sessions' }}>{say('ladder.back')}</Go>
      </p>
      <h1>{say('ladder.title', { id })}</h1>
      {session && (
        <p class="session-facts">
          <SessionState state={session.state} />
          <span>{session.parties.map((party) => `${partyText(party)}, ${legText(say, party)}`).join(' → ')}</span>
          <span class="small">{momentText(session.created, say.locale)}</span>
          {session.end && <End end={session.end} />}
        </p>
      )}
    </header>
  )
}

function End({ end }: { end: NonNullable<LabSession['end']> }) {
  const say = useLabText()
  const { why, sipStatus, sipReason = '' } = end
  const status =
    sipStatus === undefined ? '' : `, ${say('ladder.sip', { status: sipStatus, reason: sipReason }).trim()}`
  return <span class="small">{say('ladder.endedBy', { why }) + status}</span>
}

const formats = ['pcap', 'svg', 'json'] as const

/** What one takes along: files, and the link to what is seen. */
function Tools({ state, page }: { state: LadderState; page: LadderPage }) {
  const say = useLabText()
  const [copied, setCopied] = useState<'copied' | 'notCopied' | null>(null)
  const [lost, setLost] = useState(false)
  const root = `/api/v2/lab/sessions/${encodeURIComponent(state.id)}/ladder`
  const copy = () => {
    const { clipboard } = navigator as { clipboard?: Clipboard }
    const link = window.location.origin + pathOf(page)
    // No clipboard where the page did not come by HTTPS.
    const done = clipboard ? clipboard.writeText(link) : Promise.reject(new Error('no clipboard'))
    done.then(
      () => setCopied('copied'),
      () => setCopied('notCopied'),
    )
  }
  const save = (event: MouseEvent, format: string) => {
    setLost(false)
    if (state.shown.size === 0) return
    event.preventDefault()
    saveFile(`${root}.${format}?texts=show`, `session-${state.id}.${format}`).catch(() => setLost(true))
  }
  return (
    <div class="ladder-tools">
      <span class="small" id="save-as">
        {say('ladder.export')}
      </span>
      {formats.map((format) => (
        <a
          key={format}
          class="button"
          href={`${root}.${format}`}
          download
          onClick={(event) => save(event, format)}
          aria-label={say('ladder.exportAs', { format: say(`ladder.${format}`) })}
        >
          {say(`ladder.${format}`)}
        </a>
      ))}
      <button type="button" onClick={copy}>
        {say('ladder.copy')}
      </button>
      <span class="small" role="status">
        {lost ? say('ladder.notSaved') : copied && say(`ladder.${copied}`)}
      </span>
    </div>
  )
}

/** The legend, which at the same time says what is shown. */
function Filter({ state, page, rungs }: { state: LadderState; page: LadderPage; rungs: readonly Rung[] }) {
  const say = useLabText()
  const tell = useTell()
  const { ladder } = state
  const counts = useMemo(() => kindsOf(ladder), [ladder])
  const present = entryKinds.filter((kind) => counts.has(kind))
  const all = ladder?.entries.length ?? 0
  return (
    <div class="ladder-filter">
      <SearchField search={page.search} label={say('ladder.filter')} />
      <fieldset class="kinds">
        <legend class="away">{say('ladder.kinds')}</legend>
        {present.map((kind) => (
          <button
            key={kind}
            type="button"
            class="kind"
            aria-pressed={page.kinds === null || page.kinds.includes(kind)}
            onClick={() => tell({ input: 'turnTo', page: { ...page, kinds: switched(page.kinds, kind, present) } })}
          >
            <KindMark kind={kind} />
            {say(`ladder.kind.${kind}`)}
            <span class="small">{counts.get(kind)}</span>
          </button>
        ))}
      </fieldset>
      {all > 0 && <span class="small">{say('ladder.count', { shown: rungs.length, all })}</span>}
    </div>
  )
}

/** A ladder that lacks something says so. */
function Lacking({ state: { ladder } }: { state: LadderState }) {
  const say = useLabText()
  if (!ladder) return null
  const { discarded, silent } = ladder
  const list = discardText(say, discarded)
  return (
    <>
      {list !== '' && <p class="warned">{say('ladder.discarded', { list })}</p>}
      {silent.length > 0 && <p class="warned">{say('ladder.silent', { nodes: silent.join(', ') })}</p>}
    </>
  )
}
