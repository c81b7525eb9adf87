import type { RefObject } from 'preact'
import { Close } from '../../view/icons.tsx'
import type { LadderEntry, Lane } from '../contract.ts'
import { useLabText } from './context.ts'
import { KindMark } from './glyphs.tsx'
import { Fact } from './nodes.tsx'
import { preciseText } from './when.ts'

interface PanelProps {
  entry: LadderEntry
  lanes: readonly Lane[]
  content: string
  onClose: () => void
  panel: RefObject<HTMLElement | null>
}

/** What one line of the ladder is about. It is text, whatever it looks like. */
export function EntryPanel({ entry, lanes, content, onClose, panel }: PanelProps) {
  const say = useLabText()
  const nameOf = (id: string) => lanes.find((lane) => lane.id === id)?.label ?? id
  return (
    <aside class="side" aria-label={say('ladder.entry')} tabIndex={-1} ref={panel}>
      <header class="side-head">
        <h2>
          <KindMark kind={entry.kind} />
          {`${say(`ladder.kind.${entry.kind}`)} ${entry.title}`}
        </h2>
        <button type="button" class="bare" aria-label={say('ladder.close')} onClick={onClose}>
          <Close />
        </button>
      </header>
      <dl class="facts">
        <Fact name={say('ladder.at')} value={preciseText(entry.at, say.locale)} />
        <Fact name={say('ladder.from')} value={nameOf(entry.from)} />
        <Fact name={say('ladder.to')} value={nameOf(entry.to)} />
        <Fact name={say('ladder.node')} value={entry.node} />
      </dl>
      {entry.repeated && <p class="small">{say('ladder.repeated')}</p>}
      {content === '' ? (
        <p class="small">{say('ladder.empty')}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has only a keyboard scrolls it with the arrow keys
        <pre class="content" tabIndex={0}>
          {content}
        </pre>
      )}
    </aside>
  )
}
