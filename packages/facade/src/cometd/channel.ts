/** Channels that carry events, in the order of the bits of a `TopicSet`. */
export const topics = ['/v2/me/im-sessions', '/v2/me/devices'] as const
export type Topic = (typeof topics)[number]
/** A set of topics, one bit each: bit 0 is `topics[0]`. */
export type TopicSet = number

/**
 * Channels that clients written for Web Services subscribe to as well, web-services-api §3.2. Nothing is ever said there, but a
 * client that waits for the acknowledgement of all its subscriptions must get it.
 */
const silentChannels = [
  '/v2/me',
  '/v2/me/calls',
  '/v2/me/channels',
  '/v2/me/chats',
  '/v2/me/emails',
  '/v2/me/interactions',
  '/v2/me/workitems',
  '/v2/me/workbins',
  '/v2/users',
  '/notifications/services',
]

/** What may be subscribed: the channel or pattern and the topics it covers. */
export interface Pattern {
  readonly name: string
  readonly covers: TopicSet
}

// SPEC CD-12. Finite, so what a client sends is only ever looked up; sessions share these strings.
const allowed: ReadonlyMap<string, Pattern> = allowList()

function allowList(): ReadonlyMap<string, Pattern> {
  const names = new Set<string>()
  for (const channel of [...topics, ...silentChannels]) {
    names.add(channel)
    for (let at = channel.lastIndexOf('/'); at >= 0; at = at === 0 ? -1 : channel.lastIndexOf('/', at - 1)) {
      names.add(`${channel.slice(0, at)}/*`)
      names.add(`${channel.slice(0, at)}/**`)
    }
    names.add(`${channel}/**`)
  }
  return new Map([...names].map((name) => [name, { name, covers: coverage(name) }]))
}

/** The pattern a client may subscribe to; undefined where it may not. */
export function patternOf(name: string): Pattern | undefined {
  return allowed.get(name)
}

/** Whether a channel lies within a pattern: `*` stands for one segment, `**` for any number of them, both only at the end. */
export function matches(pattern: string, channel: string): boolean {
  if (pattern.endsWith('/**')) return channel.startsWith(pattern.slice(0, -2))
  if (!pattern.endsWith('/*')) return pattern === channel
  const prefix = pattern.slice(0, -1)
  return channel.startsWith(prefix) && channel.length > prefix.length && !channel.includes('/', prefix.length)
}

function coverage(pattern: string): TopicSet {
  return topics.reduce((set, topic, index) => (matches(pattern, topic) ? set | (1 << index) : set), 0)
}

/** The topics that a list of patterns covers together. */
export function coveredBy(patterns: readonly Pattern[]): TopicSet {
  return patterns.reduce((set, { covers }) => set | covers, 0)
}
