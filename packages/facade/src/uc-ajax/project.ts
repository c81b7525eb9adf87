/** What a session's client is told: the person's T-events, one after the other, in the words of uc-ajax-api §3 and §4. Pure. */
import { begun, ended, established, offered } from './conversation.ts'
import { news } from './news.ts'
import type { Project, Projection, Viewer } from './projection.ts'
import { nothing, type Step } from './step.ts'
import { acknowledged, composing, receipt, received } from './texts.ts'

type Entry = Parameters<Project>[1]

/** SPEC UC-20. An entry that was looked at before says nothing again. */
export const project: Project = (before, entry, viewer) => {
  if (entry.offset <= before.offset) return { after: before, events: [] }
  const { events, ...changed } = step(before, entry, viewer)
  return { after: { ...before, ...changed, offset: entry.offset, eid: before.eid + events.length }, events }
}

function step(before: Projection, { event, log }: Entry, viewer: Viewer): Step {
  switch (event.event) {
    case 'EventDialing':
      return begun(before, event, viewer)
    case 'EventRinging':
      return offered(before, event, viewer)
    case 'EventEstablished':
      return established(before, event, viewer)
    case 'EventReleased':
    case 'EventAbandoned':
      return ended(before, event, viewer)
    case 'EventPrivateInfo':
      return received(before, event, log)
    case 'EventACK':
      return acknowledged(before, event, log, viewer)
    case 'EventReturnReceipt':
      return receipt(before, event, viewer)
    case 'EventUserEvent':
      return 'callUUID' in event ? composing(before, event) : news(before, event, viewer)
    case 'EventDestinationBusy': // its release follows and says it all
    case 'EventAttachedDataChanged':
    case 'EventRegistered':
    case 'EventUnregistered':
    case 'EventAgentLogin':
    case 'EventAgentLogout':
    case 'EventAgentReady':
    case 'EventAgentNotReady':
      return nothing
  }
}
