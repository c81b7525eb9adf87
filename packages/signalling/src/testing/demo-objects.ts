import { buildDirectory } from '../tserver/build-directory.ts'
import type { Directory } from '../tserver/directory.ts'
import type { DirectoryObjects } from '../tserver/directory-objects.ts'

const chat = { TServer: { multimedia: 'true', 'sip-signaling-chat': 'none' } }

/**
 * A contact centre of two agents, `anna` on DN 7001 at Place_7001 and `ben` on DN 7002 at Place_7002, both able to chat, and an
 * `admin`. Nobody has a password until one is given by user name, as a PHC string.
 */
export function demoObjects(passwordHashes: Readonly<Record<string, string>> = {}): DirectoryObjects {
  const secret = (userName: string) => {
    const passwordHash = passwordHashes[userName]
    return { userName, ...(passwordHash !== undefined && { passwordHash }) }
  }
  return {
    id: 'demo',
    name: 'Demo contact centre',
    switches: [{ name: 'SIP_Switch' }],
    dns: [
      { number: '7001', type: 'Extension', switch: 'SIP_Switch', annex: chat },
      { number: '7002', type: 'Extension', switch: 'SIP_Switch', annex: chat },
    ],
    places: [
      { name: 'Place_7001', dns: ['7001'] },
      { name: 'Place_7002', dns: ['7002'] },
    ],
    agentLogins: [
      { code: '5001', switch: 'SIP_Switch' },
      { code: '5002', switch: 'SIP_Switch' },
    ],
    persons: [
      { ...secret('anna'), firstName: 'Anna', lastName: 'Berg', place: 'Place_7001', agentLogins: ['5001'] },
      { ...secret('ben'), firstName: 'Ben', lastName: 'Clarke', place: 'Place_7002', agentLogins: ['5002'] },
      { ...secret('admin'), firstName: 'Ada', lastName: 'Lind', roles: ['admin'] },
    ],
  }
}

/** The directory of those objects. Throws when they are wrong: a test changed them. */
export function demoDirectory(objects: DirectoryObjects = demoObjects()): Directory {
  const built = buildDirectory(objects)
  if ('problems' in built) throw new Error(built.problems.map((problem) => problem.message).join('\n'))
  return built.directory
}
