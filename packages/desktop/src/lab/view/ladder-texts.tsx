import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type LadderState, maskedSince } from '../model/ladder.ts'
import { useLabText, useTell } from './context.ts'

type Sight = 'masked' | 'asks' | 'reads' | 'shown' | 'newer'

/** Whether texts are seen, who may see them, and what it means to look. */
export function LadderTexts({ state, roles }: { state: LadderState; roles: readonly string[] }) {
  const say = useLabText()
  const tell = useTell()
  const [asks, setAsks] = useState(false)
  const newer = maskedSince(state)
  const sight = sightOf(state, asks, newer)
  const { box, keep } = useFocus(sight)
  if (!roles.includes('ROLE_SUPERVISOR')) return <p class="small">{say('ladder.maskedFor')}</p>
  const ask = (asks: boolean) => {
    keep([asks ? 'asks' : 'masked'])
    setAsks(asks)
  }
  const send = (input: 'showTexts' | 'hideTexts') => {
    keep(input === 'showTexts' ? ['shown', 'newer'] : ['masked'])
    setAsks(false)
    tell({ input })
  }
  const cancel = ({ key }: KeyboardEvent) => {
    if (key === 'Escape' && sight === 'asks') ask(false)
  }
  const notice = { masked: say('ladder.masked'), asks: say('ladder.ask'), reads: say('ladder.masked') }
  const shown = { shown: say('ladder.shown'), newer: say('ladder.newer', { count: newer }) }
  const loud = sight !== 'masked' && sight !== 'reads'
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a dialog while it takes keys
    <div
      class={loud ? 'texts shown' : 'texts'}
      {...(sight === 'asks' && { role: 'alertdialog', 'aria-labelledby': 'texts-notice' })}
      {...(sight !== 'asks' && loud && { role: 'status' })}
      tabIndex={-1}
      ref={box}
      onKeyDown={cancel}
    >
      <p id="texts-notice" class={loud ? undefined : 'small'}>
        {{ ...notice, ...shown }[sight]}
      </p>
      {(sight === 'masked' || sight === 'reads') && (
        <button key="show" type="button" disabled={sight === 'reads'} onClick={() => ask(true)}>
          {say('ladder.show')}
        </button>
      )}
      {sight === 'asks' && (
        <button key="yes" type="button" class="primary" onClick={() => send('showTexts')}>
          {say('ladder.yes')}
        </button>
      )}
      {sight === 'asks' && (
        <button key="no" type="button" onClick={() => ask(false)}>
          {say('ladder.no')}
        </button>
      )}
      {sight === 'newer' && (
        <button key="newer" type="button" onClick={() => send('showTexts')}>
          {say('ladder.showNewer')}
        </button>
      )}
      {(sight === 'shown' || sight === 'newer') && (
        <button key="hide" type="button" onClick={() => send('hideTexts')}>
          {say('ladder.hide')}
        </button>
      )}
    </div>
  )
}

function sightOf({ shown, asked }: LadderState, asks: boolean, newer: number): Sight {
  if (shown.size > 0) return newer > 0 ? 'newer' : 'shown'
  if (asks) return 'asks'
  return asked ? 'reads' : 'masked'
}

/**
 * The button one has pressed goes away with what it brings about: the focus goes to the first one that is there then,
 * at every step until what was wished for is seen. The steps between are the renderer's choice, not ours.
 */
function useFocus(sight: Sight): { box: RefObject<HTMLDivElement | null>; keep: (until: readonly Sight[]) => void } {
  const box = useRef<HTMLDivElement>(null)
  const kept = useRef<readonly Sight[] | null>(null)
  useEffect(() => {
    if (!kept.current) return
    if (kept.current.includes(sight)) kept.current = null
    const { activeElement } = document
    const elsewhere = activeElement !== null && activeElement !== document.body && !box.current?.contains(activeElement)
    if (!elsewhere) (box.current?.querySelector<HTMLElement>('button:enabled') ?? box.current)?.focus()
  }, [sight])
  return {
    box,
    keep: (until) => {
      kept.current = until
    },
  }
}
