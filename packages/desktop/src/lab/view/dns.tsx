import type { LabDN } from '../contract.ts'
import type { Lab } from '../model/lab.ts'
import type { LabPage } from '../model/page.ts'
import { AnnexEditor } from './annex-editor.tsx'
import { useLabText } from './context.ts'
import { Go } from './go.tsx'
import { PageHead, SearchField } from './head.tsx'
import { type Column, ListLength, Table } from './table.tsx'

type DNsPageOf = LabPage & { page: 'dns' }

export function DNsPage({ lab, page }: { lab: Lab; page: DNsPageOf }) {
  const say = useLabText()
  const columns: readonly Column<LabDN>[] = [
    { name: say('dns.number'), cell: (dn) => <DNumber dn={dn} page={page} /> },
    { name: say('dns.access'), cell: (dn) => <Access dn={dn} /> },
    { name: say('dns.who'), cell: (dn) => <Who dn={dn} />, wide: true },
    { name: say('dns.problems'), cell: (dn) => <Problems dn={dn} />, wide: true },
  ]
  return (
    <section class={lab.edit ? 'lab-page with-side' : 'lab-page'}>
      <PageHead title={say('page.dns')}>
        <ListLength lab={lab} list="dns" />
        <SearchField search={page.search} />
      </PageHead>
      <Table lab={lab} list="dns" label={say('page.dns')} empty={say('dns.none')} columns={columns} />
      {lab.edit && <AnnexEditor lab={lab} edit={lab.edit} page={page} key={lab.edit.number} />}
    </section>
  )
}

function DNumber({ dn: { number, type }, page }: { dn: LabDN; page: DNsPageOf }) {
  return (
    <Go page={{ ...page, dn: number }} class="row-link">
      <span>{number}</span>
      <span class="small">{type}</span>
    </Go>
  )
}

function Access({ dn: { imAccess, contacts, annex } }: { dn: LabDN }) {
  const say = useLabText()
  const way = annex.TServer?.['sip-signaling-chat'] ?? annex.TServer?.['sip-signalling-chat']
  // Written as it stands in the Annex, in every language.
  const option = way === undefined ? '' : `sip-signaling-chat = ${way}`
  return (
    <>
      <span class="clip">{say(`dns.access.${imAccess}`)}</span>
      <span class="small clip">{imAccess === 'sip' ? say('dns.contacts', { count: contacts }) : option}</span>
    </>
  )
}

function Who({ dn: { agent, places } }: { dn: LabDN }) {
  const say = useLabText()
  return (
    <>
      <span class="clip">{agent ?? say('dns.nobody')}</span>
      <span class="small clip">{places.length > 0 ? places.join(', ') : say('dns.noPlace')}</span>
    </>
  )
}

function Problems({ dn: { problems } }: { dn: LabDN }) {
  const say = useLabText()
  if (problems.length === 0) return <span class="small">{say('dns.fine')}</span>
  return <span class="warned two-lines">{problems.join(' ')}</span>
}
