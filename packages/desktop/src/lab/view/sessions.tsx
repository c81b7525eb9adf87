import { useState } from 'preact/hooks'
import type { LabParty, LabSession } from '../contract.ts'
import type { Lab } from '../model/lab.ts'
import type { LabPage } from '../model/page.ts'
import { type SayLab, useLabText, useTell } from './context.ts'
import { Go } from './go.tsx'
import { PageHead } from './head.tsx'
import { type Column, Table } from './table.tsx'
import { momentText } from './when.ts'

/** All sessions that live. */
export function SessionsPage({ lab }: { lab: Lab }) {
  const say = useLabText()
  const columns: readonly Column<LabSession>[] = [
    { name: say('sessions.who'), cell: (session) => <Who session={session} /> },
    { name: say('sessions.state'), cell: ({ state }) => <SessionState state={state} /> },
    {
      name: say('sessions.legs'),
      cell: ({ parties }) => parties.map((party) => legText(say, party)).join(' · '),
      wide: true,
    },
    { name: say('sessions.began'), cell: ({ created }) => momentText(created, say.locale), wide: true },
  ]
  return (
    <section class="lab-page">
      <PageHead title={say('page.sessions')}>
        {lab.counts && <span class="small">{say('sessions.counts', { ...lab.counts })}</span>}
        <OpenById />
      </PageHead>
      <Table lab={lab} list="sessions" label={say('page.sessions')} empty={say('sessions.none')} columns={columns} />
    </section>
  )
}

/** Ended sessions are found by their ids, as long as they are kept. */
function OpenById() {
  const say = useLabText()
  const tell = useTell()
  const [id, setId] = useState('')
  const open = (event: Event) => {
    event.preventDefault()
    tell({ input: 'turnTo', page: ladderOf(id.trim()) })
  }
  return (
    <form class="open-by-id" onSubmit={open}>
      <label class="field row">
        <span>{say('sessions.open')}</span>
        <input
          required
          maxLength={64}
          pattern=".*\S.*"
          spellcheck={false}
          value={id}
          onInput={(event) => setId(event.currentTarget.value)}
        />
      </label>
      <button type="submit">{say('sessions.openButton')}</button>
    </form>
  )
}

function Who({ session }: { session: LabSession }) {
  const say = useLabText()
  const { callUUID, parties, userDataKeys } = session
  return (
    <Go page={ladderOf(callUUID)} class="row-link">
      <span>{parties.map(partyText).join(' → ')}</span>
      <span class="small">
        {callUUID}
        {userDataKeys.length > 0 && ` · ${say('sessions.data', { names: userDataKeys.join(', ') })}`}
      </span>
    </Go>
  )
}

export function SessionState({ state }: { state: LabSession['state'] }) {
  const say = useLabText()
  const dots = { dialing: 'Alerting', talking: 'Talking', ended: 'Offline' } as const
  return (
    <span class="with-dot">
      <span class={`dot ${dots[state]}`} aria-hidden="true" />
      {say(`sessions.state.${state}`)}
    </span>
  )
}

/** 7001 (anna) */
export function partyText({ dn, agent }: LabParty): string {
  return agent === null ? dn : `${dn} (${agent})`
}

export function legText(say: SayLab, { leg, sip }: LabParty): string {
  if (leg === 'tlibrary' || !sip) return say('sessions.leg.tlibrary')
  const way = say('sessions.leg.sip', { mode: sip.mode, owner: sip.owner })
  return sip.trunk === null ? way : `${way}, ${say('sessions.trunk', { trunk: sip.trunk })}`
}

export function ladderOf(id: string): LabPage {
  return { page: 'ladder', id, kinds: null, search: '', entry: null }
}
