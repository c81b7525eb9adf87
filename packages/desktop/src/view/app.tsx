import { useEffect } from 'preact/hooks'
import type { Desktop } from '../model/desktop.ts'
import { showsLab } from '../model/signing.ts'
import { type Act, Acts } from './act.ts'
import { DeskPage } from './desk.tsx'
import { LabDoor } from './lab-door.tsx'
import { PlacePage } from './place.tsx'
import { Opening, SignIn } from './sign-in.tsx'
import { type Say, Speaks } from './text.ts'
import { Toasts } from './toasts.tsx'

/** The whole page for what the model says now. */
export function App({ desktop, act, say }: { desktop: Desktop; act: Act; say: Say }) {
  const { theme } = act.settings
  useEffect(() => {
    document.documentElement.lang = say.language
    document.documentElement.dataset.theme = theme
  }, [say.language, theme])
  return (
    <Acts value={act}>
      <Speaks value={say}>
        <Stage desktop={desktop} />
        <Toasts toasts={desktop.toasts} />
      </Speaks>
    </Acts>
  )
}

function Stage({ desktop }: { desktop: Desktop }) {
  if (showsLab(desktop)) return <LabDoor desktop={desktop} />
  switch (desktop.stage) {
    case 'opening':
      return <Opening desktop={desktop} />
    case 'signIn':
      return <SignIn desktop={desktop} />
    case 'place':
      return <PlacePage desktop={desktop} />
    case 'desk':
      return <DeskPage desktop={desktop} />
  }
}
