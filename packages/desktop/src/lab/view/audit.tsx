import type { AuditEntry } from '../contract.ts'
import type { Lab } from '../model/lab.ts'
import { useLabText } from './context.ts'
import { PageHead } from './head.tsx'
import { type Column, Table } from './table.tsx'
import { momentText } from './when.ts'

/** Who did what, the newest first. */
export function AuditPage({ lab }: { lab: Lab }) {
  const say = useLabText()
  const columns: readonly Column<AuditEntry>[] = [
    {
      name: say('audit.what'),
      cell: ({ what, outcome }) => (
        <>
          <span class="clip">{what}</span>
          <span class={outcome === 'refused' ? 'warned small' : 'small'}>{say(`audit.outcome.${outcome}`)}</span>
        </>
      ),
    },
    {
      name: say('audit.object'),
      cell: ({ object, detail }) => (
        <>
          <span class="clip">{object}</span>
          <span class="small clip" title={detail}>
            {detail}
          </span>
        </>
      ),
    },
    {
      name: say('audit.who'),
      cell: ({ who, address }) => (
        <>
          <span class="clip">{who}</span>
          <span class="small clip">{address}</span>
        </>
      ),
      wide: true,
    },
    { name: say('audit.at'), cell: ({ at }) => momentText(at, say.locale), wide: true },
  ]
  return (
    <section class="lab-page">
      <PageHead title={say('page.audit')} lead={say('audit.lead')}>
        <a class="button" href="/api/v2/lab/audit.jsonl" download>
          {say('audit.export')}
        </a>
      </PageHead>
      <Table lab={lab} list="audit" label={say('page.audit')} empty={say('audit.none')} columns={columns} />
    </section>
  )
}
