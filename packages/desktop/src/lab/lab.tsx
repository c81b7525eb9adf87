import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks'
import type { Desktop } from '../model/desktop.ts'
import { Loop } from '../shell/loop.ts'
import { useAct } from '../view/act.ts'
import { useText } from '../view/text.ts'
import { titleOf } from '../view/title.ts'
import './styles/lab.css'
import { type Lab, type LabEffect, type LabInput, newLab } from './model/lab.ts'
import { nextLab } from './model/next.ts'
import { entryOf, readPage } from './model/page.ts'
import { labPerformer } from './perform.ts'
import { LabSpeaks, LabTells, labSpeaker } from './view/context.ts'
import { Frame } from './view/frame.tsx'

/** How often what is shown is asked for again, milliseconds. */
const tickMs = 1_000

/** The lab console: a page of its own within the page, with a loop of its own for as long as it is shown. */
export function LabConsole({ desktop }: { desktop: Desktop }) {
  const text = useText()
  const act = useAct()
  const say = useMemo(() => labSpeaker(text), [text])
  const [lab, setLab] = useState<Lab>(() => newLab(pageHere(), document.visibilityState === 'visible'))
  const [loop] = useState(() => {
    const loop: Loop<Lab, LabInput, LabEffect> = new Loop(
      lab,
      nextLab,
      labPerformer({
        ask: act.ask,
        showPath: (path, step) => window.history[step ? 'pushState' : 'replaceState'](null, '', path),
        expired: () => act.tell({ input: 'notLetIn' }),
        send: (input) => loop.send(input),
      }),
      setLab,
    )
    return loop
  })
  useEffect(() => {
    const moved = () => {
      if (window.location.pathname.startsWith('/lab')) loop.send({ input: 'movedTo', page: pageHere() })
    }
    const seen = () => loop.send({ input: 'visible', visible: document.visibilityState === 'visible' })
    const timer = setInterval(() => loop.send({ input: 'tick' }), tickMs)
    window.addEventListener('popstate', moved)
    document.addEventListener('visibilitychange', seen)
    moved()
    return () => {
      clearInterval(timer)
      window.removeEventListener('popstate', moved)
      document.removeEventListener('visibilitychange', seen)
    }
  }, [loop])
  const { page } = lab
  const name = page.page === 'ladder' ? say('ladder.title', { id: page.id }) : say(`page.${entryOf(page)}`)
  // Whatever drew the page last, its title is that of what is seen.
  useLayoutEffect(() => {
    document.title = titleOf(desktop, text, `${name} – ${say('lab.title')}`)
  })
  return (
    <LabTells value={loop.send}>
      <LabSpeaks value={say}>
        <Frame lab={lab} desktop={desktop} />
      </LabSpeaks>
    </LabTells>
  )
}

function pageHere() {
  return readPage(window.location.pathname, window.location.search)
}
