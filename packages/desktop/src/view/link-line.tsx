import { type Link, lineOf } from '../model/link.ts'
import { useText } from './text.ts'

/** How the page stands with the server. It is always there, so that a reader hears when it changes. */
export function LinkLine({ link }: { link: Link }) {
  const say = useText()
  const line = lineOf(link)
  return (
    <div class={`link-line ${line}`} role="status">
      <span class="dot" aria-hidden="true" />
      {say(`link.${line}`)}
    </div>
  )
}
