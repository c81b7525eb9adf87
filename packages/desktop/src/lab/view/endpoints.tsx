import type { LabFlow, LabRegistration } from '../contract.ts'
import type { Lab } from '../model/lab.ts'
import { useLabText } from './context.ts'
import { Go } from './go.tsx'
import { PageHead } from './head.tsx'
import { type Column, ListLength, Table } from './table.tsx'
import { momentText } from './when.ts'

/** What is registered over SIP, on all nodes. */
export function RegistrationsPage({ lab }: { lab: Lab }) {
  const say = useLabText()
  const columns: readonly Column<LabRegistration>[] = [
    {
      name: say('registrations.dn'),
      cell: ({ dn }) => <Go page={{ page: 'dns', search: dn, dn }}>{dn}</Go>,
    },
    {
      name: say('registrations.contact'),
      cell: ({ contact, userAgent }) => (
        <>
          <span class="clip">{contact}</span>
          <span class="small clip">{userAgent}</span>
        </>
      ),
    },
    {
      name: say('registrations.remote'),
      cell: ({ transport, remote, flow }) => (
        <>
          <span class="clip">{`${transport} ${remote}`}</span>
          <span class="small clip">{flow && say('registrations.flow')}</span>
        </>
      ),
      wide: true,
    },
    { name: say('registrations.expires'), cell: ({ expires }) => momentText(expires, say.locale), wide: true },
  ]
  return (
    <section class="lab-page">
      <PageHead title={say('page.registrations')}>
        <ListLength lab={lab} list="registrations" />
      </PageHead>
      <Table
        lab={lab}
        list="registrations"
        label={say('page.registrations')}
        empty={say('registrations.none')}
        columns={columns}
      />
    </section>
  )
}

/** The transport associations of the node that answers. */
export function FlowsPage({ lab }: { lab: Lab }) {
  const say = useLabText()
  const columns: readonly Column<LabFlow>[] = [
    { name: say('flows.transport'), cell: ({ transport }) => transport },
    { name: say('flows.remote'), cell: ({ remote }) => <span class="clip">{remote}</span> },
    { name: say('flows.local'), cell: ({ local }) => <span class="clip">{local}</span>, wide: true },
    { name: say('flows.opened'), cell: ({ opened }) => momentText(opened, say.locale), wide: true },
  ]
  return (
    <section class="lab-page">
      <PageHead title={say('page.flows')}>
        <ListLength lab={lab} list="flows" />
      </PageHead>
      <Table lab={lab} list="flows" label={say('page.flows')} empty={say('flows.none')} columns={columns} />
    </section>
  )
}
