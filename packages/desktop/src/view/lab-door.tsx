import type { FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Desktop } from '../model/desktop.ts'
import { Logo } from './icons.tsx'
import { useText } from './text.ts'

type Console = FunctionComponent<{ desktop: Desktop }>

/** The lab console, of which nothing is loaded before somebody opens it. */
export function LabDoor({ desktop }: { desktop: Desktop }) {
  const say = useText()
  const [Opened, setOpened] = useState<Console | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    import('../lab/lab.tsx').then(
      ({ LabConsole }) => setOpened(() => LabConsole),
      () => setFailed(true),
    )
  }, [])
  if (Opened) return <Opened desktop={desktop} />
  return (
    <main class="front" id="main">
      <div class="card sign-in" role="status">
        <Logo />
        <h1>{say('menu.lab')}</h1>
        <p class="lead">{say(failed ? 'lab.failed' : 'lab.opening')}</p>
      </div>
    </main>
  )
}
