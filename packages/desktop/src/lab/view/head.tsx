import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Search } from '../../view/icons.tsx'
import { useLabText, useTell } from './context.ts'

/** How long the last key was pressed ago before the server is asked, milliseconds. */
const pauseMs = 250

/** The top of a page: what it is, a sentence about it, and what can be done with it. */
export function PageHead(props: { title: string; lead?: string; children?: ComponentChildren }) {
  const { title, lead, children } = props
  return (
    <div class="lab-head">
      <div>
        <h1>{title}</h1>
        {lead !== undefined && <p class="small">{lead}</p>}
      </div>
      {children !== undefined && <div class="lab-tools">{children}</div>}
    </div>
  )
}

/** A page that is as long as what is on it. */
export function LongPage({ title, lead, children }: { title: string; lead: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has only a keyboard scrolls it with the arrow keys
    <section class="lab-page scrolls" tabIndex={0} aria-label={title}>
      <PageHead title={title} lead={lead} />
      {children}
    </section>
  )
}

/** Looks for a text; the model is told when the writing pauses. */
export function SearchField({ search, label, pause = pauseMs }: { search: string; label?: string; pause?: number }) {
  const say = useLabText()
  const tell = useTell()
  const [written, setWritten] = useState(search)
  // The browser has gone back.
  useEffect(() => setWritten(search), [search])
  useEffect(() => {
    if (written === search) return undefined
    const timer = setTimeout(() => tell({ input: 'search', search: written }), pause)
    return () => clearTimeout(timer)
  }, [written, search, tell, pause])
  return (
    <label class="field search">
      <span class="away">{label ?? say('list.search')}</span>
      <Search />
      <input type="search" maxLength={128} value={written} onInput={(event) => setWritten(event.currentTarget.value)} />
    </label>
  )
}
