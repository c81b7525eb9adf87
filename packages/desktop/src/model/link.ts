/** How the page stands with the server. */
export interface Link {
  /** The stream of notifications. */
  stream: 'connecting' | 'live' | 'broken'
  /** A request got no answer, and none has since. */
  doubt: boolean
  /** The browser says there is no network at all. */
  offline: boolean
  /** The sessions are being read again. */
  catchingUp: boolean
  /** Notifications were missed, and not everything has been read again. */
  gap: boolean
  /** It was live before: the next time is a return. */
  wasLive: boolean
  /** A return that has just been completed, and is still worth a word. */
  news: 'none' | 'resynchronised' | 'refilled'
}

export type LinkInput =
  | 'connected'
  | 'broken'
  /** A request got no answer; some request got one. */
  | 'doubted'
  | 'reached'
  | 'offline'
  | 'gap'
  /** All that can be missing was asked for; and has been read. */
  | 'catchUp'
  | 'caughtUp'
  /** The word about the return was shown long enough. */
  | 'read'

export const newLink: Link = {
  stream: 'connecting',
  doubt: false,
  offline: false,
  catchingUp: false,
  gap: false,
  wasLive: false,
  news: 'none',
}

/** SPEC DT-13. */
export function nextLink(link: Link, input: LinkInput): Link {
  switch (input) {
    case 'connected':
      return { ...link, stream: 'live', doubt: false, offline: false }
    case 'broken':
      return { ...lost(link), stream: link.wasLive ? 'broken' : 'connecting' }
    case 'doubted':
      return { ...lost(link), doubt: true }
    case 'reached':
      return { ...link, doubt: false, offline: false }
    case 'offline':
      return { ...lost(link), offline: true }
    case 'gap':
      return { ...link, gap: true, news: 'none' }
    case 'catchUp':
      return { ...link, catchingUp: true, news: 'none' }
    case 'caughtUp':
      return { ...link, catchingUp: false, gap: false, wasLive: true, news: newsOf(link) }
    case 'read':
      return { ...link, news: 'none' }
  }
}

function lost(link: Link): Link {
  return { ...link, catchingUp: false, news: 'none' }
}

// The first time there was nothing to come back to. All may have been read twice, and what was refilled stays it.
function newsOf({ gap, wasLive, news }: Link): Link['news'] {
  if (gap || news === 'refilled') return 'refilled'
  return wasLive ? 'resynchronised' : 'none'
}

/** Whether what happens at the server is known here at once. */
export function isWhole({ stream, doubt, offline }: Link): boolean {
  return stream === 'live' && !doubt && !offline
}

/** What the status line says. */
export type LinkLine =
  | 'connecting'
  | 'offline'
  | 'reconnecting'
  | 'gap'
  | 'catchingUp'
  | 'refilled'
  | 'resynchronised'
  | 'live'

/** The worst news first. */
export function lineOf(link: Link): LinkLine {
  if (link.offline) return 'offline'
  if (link.stream === 'connecting') return 'connecting'
  if (link.stream === 'broken' || link.doubt) return 'reconnecting'
  if (link.gap) return 'gap'
  if (link.catchingUp) return 'catchingUp'
  return link.news === 'none' ? 'live' : link.news
}
