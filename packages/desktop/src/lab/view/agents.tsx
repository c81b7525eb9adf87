import { stateName } from '../../model/signing.ts'
import { useText } from '../../view/text.ts'
import type { LabAgent } from '../contract.ts'
import type { Lab } from '../model/lab.ts'
import type { LabPage } from '../model/page.ts'
import { useLabText } from './context.ts'
import { Go } from './go.tsx'
import { PageHead, SearchField } from './head.tsx'
import { ladderOf } from './sessions.tsx'
import { type Column, ListLength, Table } from './table.tsx'

export function AgentsPage({ lab, page }: { lab: Lab; page: LabPage & { page: 'agents' } }) {
  const say = useLabText()
  const columns: readonly Column<LabAgent>[] = [
    { name: say('agents.name'), cell: (agent) => <Name agent={agent} /> },
    { name: say('agents.state'), cell: (agent) => <AgentState agent={agent} /> },
    { name: say('agents.place'), cell: (agent) => <Place agent={agent} />, wide: true },
    {
      name: say('agents.session'),
      cell: ({ session }) => session !== null && <Go page={ladderOf(session)}>{say('agents.ladder')}</Go>,
    },
  ]
  return (
    <section class="lab-page">
      <PageHead title={say('page.agents')}>
        <ListLength lab={lab} list="agents" />
        <SearchField search={page.search} />
      </PageHead>
      <Table lab={lab} list="agents" label={say('page.agents')} empty={say('agents.none')} columns={columns} />
    </section>
  )
}

function Name({ agent: { userName, firstName, lastName, enabled } }: { agent: LabAgent }) {
  const say = useLabText()
  const name = [firstName, lastName].filter((part) => part !== '').join(' ')
  return (
    <>
      <span class="clip">{name || userName}</span>
      <span class="small clip">
        {name !== '' && userName}
        {!enabled && ` · ${say('agents.disabled')}`}
      </span>
    </>
  )
}

function AgentState({ agent: { userState } }: { agent: LabAgent }) {
  const text = useText()
  const state = stateName(userState)
  return (
    <span class="with-dot">
      <span class={`dot ${state}`} aria-hidden="true" />
      {text(`state.${state}`)}
    </span>
  )
}

function Place({ agent: { place, dns } }: { agent: LabAgent }) {
  const say = useLabText()
  if (place === null) return <span class="small">{say('agents.nowhere')}</span>
  return (
    <>
      <span class="clip">{place}</span>
      <span class="small clip">{dns.join(', ')}</span>
    </>
  )
}
