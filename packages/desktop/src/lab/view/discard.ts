import type { SayLab } from './context.ts'
import { bytesText } from './when.ts'

const reasons = ['overwritten', 'tooLarge', 'leftOut', 'erased'] as const

/** How much of what was recorded is not there, and why; empty where all of it is. `discarded`: bytes by reason. */
export function discardText(say: SayLab, discarded: Readonly<Record<string, number>>): string {
  return Object.entries(discarded)
    .filter(([, bytes]) => bytes > 0)
    .map(([name, bytes]) => {
      const known = reasons.find((reason) => reason === name)
      const reason = known === undefined ? name : say(`discarded.${known}`)
      return say('ladder.reason', { reason, bytes: bytesText(bytes, say.locale) })
    })
    .join(', ')
}
