import type { XmlElement } from './element.ts'

interface Known {
  readonly attributes?: readonly string[]
  /** `any`: the schema lets foreign elements in. */
  readonly children?: readonly string[] | 'any'
}

const text: Known = {}
const uris: Known = { children: ['uris'] }

/**
 * What may stand within an element, by name in lower case: uc-ajax-api §2, §3 and §6. Elements that are not here are not looked into:
 * their pages are cut, or they are none of ours.
 */
const vocabulary: ReadonlyMap<string, Known> = new Map<string, Known>([
  ['logon', { children: ['user', 'password', 'uri'] }],
  ['user', text],
  ['password', text],
  ['initiatesession', { attributes: ['rid'], children: 'any' }],
  ['localeid', text],
  ['securitymode', text],
  ['userstateavailability', text],
  ['terminatesession', { attributes: ['rid'] }],
  [
    'conference',
    {
      attributes: ['rid', 'confid'],
      children: [
        'initiateimsession',
        'initateimsession', // uc-ajax-api §6, 1.
        'acceptimsession',
        'terminateimsession',
        'sendmessage',
        'notifycomposing',
        'sendinfo',
        'inviteparticipants',
        'ejectparticipant',
        'promoteparticipant',
        'lock',
        'voipredirect',
        'voipterminate',
        'voipreplywithim',
      ],
    },
  ],
  ['initiateimsession', { children: ['uris', 'message', 'subject', 'format', 'confuri'] }],
  ['initateimsession', { children: ['uris', 'message', 'subject', 'format', 'confuri'] }],
  ['acceptimsession', text],
  ['terminateimsession', text],
  ['sendmessage', { children: ['format', 'content', 'message'] }],
  ['notifycomposing', text],
  ['sendinfo', { children: ['contenttype', 'content'] }],
  ['inviteparticipants', uris],
  ['ejectparticipant', text],
  ['promoteparticipant', text],
  ['lock', text],
  ['voipredirect', { children: ['uri'] }],
  ['voipterminate', text],
  ['voipreplywithim', text],
  ['uris', { children: ['uri'] }],
  ['uri', text],
  ['confuri', text],
  ['subject', text],
  ['message', { children: ['format', 'content'] }],
  ['format', text],
  ['content', text],
  ['contenttype', text],
])

/** The names of the elements and attributes nobody knows in a request; what is within an unknown element is not counted. */
export function unexpectedIn(element: XmlElement): readonly string[] {
  const known = vocabulary.get(element.name.toLowerCase())
  if (!known) return []
  const { attributes = [], children = [] } = known
  const found = [...element.attributes.keys()].filter((name) => !attributes.includes(name.toLowerCase()))
  for (const one of element.children)
    if (children === 'any' || children.includes(one.name.toLowerCase())) found.push(...unexpectedIn(one))
    else found.push(one.name)
  return found
}
