/** A feature as web-services-api §4.5 shows it. */
export interface Feature {
  id: string
  displayName: string
  description: string
  path: string
  uri: string
}

const texts = new Map<string, [displayName: string, description: string]>([
  ['api-voice-instant-messaging', ['API Voice Instant Messaging', 'IM sessions between agents']],
  ['api-supervisor-agent-control', ['API Supervisor Agent Control', 'Changing the state of other agents']],
  ['api-provisioning-read', ['API Provisioning Read', 'Reading users and devices']],
  ['api-provisioning-write', ['API Provisioning Write', 'Creating users and devices']],
  ['api-platform-configuration-read', ['API Platform Configuration Read', 'Reading configuration objects']],
  ['api-platform-configuration-write', ['API Platform Configuration Write', 'Changing configuration objects']],
])

/** All features this engine looks at; `/system/features`. */
export const knownFeatures: readonly string[] = [...texts.keys()]

export function feature(id: string, apiRoot: string): Feature {
  const [displayName, description] = texts.get(id) ?? [id, '']
  const path = `/features/${id}`
  return { id, displayName, description, path, uri: apiRoot + path }
}

export function featureList(ids: Iterable<string>, apiRoot: string): Feature[] {
  return [...ids].map((id) => feature(id, apiRoot))
}
