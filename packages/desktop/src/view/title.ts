import type { Desktop } from '../model/desktop.ts'
import { nameOf } from '../model/people.ts'
import { ringing, unread } from '../model/sessions.ts'
import type { Say } from './text.ts'

/** The page's title: who calls, how many texts are unread. `page`: the name of the one that is shown. */
export function titleOf(state: Desktop, say: Say, page?: string): string {
  const asked = ringing(state)
  const here = page === undefined ? say('app.name') : `${page} – ${say('app.name')}`
  const title = asked ? say('session.incoming', { name: nameOf(state, asked.peer) }) : here
  const count = [...state.view.sessions.values()].reduce((sum, session) => sum + unread(state, session), 0)
  return count > 0 ? say('title.unread', { count, title }) : title
}
