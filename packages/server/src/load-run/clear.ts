import type { Centre } from '@ringdown/facade'
import {
  applyStored,
  buildDirectory,
  bundleKind,
  type Directory,
  type DNumber,
  type ObjectBundle,
  type PersonID,
  type StoredObject,
  TServerError,
} from '@ringdown/signalling'
import { keyOf, keysOf, runOfBundle, without } from './objects.ts'

/** Agents that are logged out at a time. */
const atOnce = 8
const maxTries = 16

/** Objects of a load run that are in the store. */
export interface StoredRun {
  run: string
  bundle: ObjectBundle
}

/** Whose objects are in the centre's store, whichever node wrote them. */
export async function storedRuns({ store }: Centre): Promise<readonly StoredRun[]> {
  const { objects } = await store.readObjects()
  return objects.flatMap(({ kind, id, value }) => {
    const run = kind === bundleKind ? runOfBundle(id) : undefined
    return run === undefined ? [] : [{ run, bundle: value as ObjectBundle }]
  })
}

/**
 * Writes the objects of a run, in one write. Rejects with TERR_UNSUP_OPER when something that is there has one of their names, or as the
 * store does.
 */
export async function writeRun(centre: Centre, id: string, bundle: ObjectBundle): Promise<void> {
  const keys = keysOf(centre.id, bundle)
  const names = new Set(bundle.persons.map(({ userName }) => userName))
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const { revision, objects } = await centre.store.readObjects()
    const directory = built(applyStored(without(centre.directory(), new Set()), objects))
    const taken = takenName(directory, keys, names)
    if (taken !== undefined)
      throw new TServerError('TERR_UNSUP_OPER', `the configuration has ${taken}, a name that load runs need`)
    if (await centre.store.putObject({ kind: bundleKind, id, value: bundle }, revision)) return
  }
  throw new TServerError('TERR_RES_UNAVAIL', 'others keep changing the configuration')
}

/**
 * Logs the agents of a run out, which ends their sessions, and removes all its objects. May be done twice, or at two nodes at once.
 * Rejects with a sentence when another object needs one of them, or as the store does. SPEC LR-6.
 */
export async function clearRun(centre: Centre, id: string, bundle: ObjectBundle): Promise<void> {
  await logOut(centre, bundle)
  await removeRun(centre, id, bundle)
  // Nobody reads them again. What is left goes with the next run's events, or with their age.
  for (const { id: person } of bundle.persons) await centre.store.trimFeed(person as PersonID).catch(() => undefined)
}

async function logOut({ tserver }: Centre, bundle: ObjectBundle): Promise<void> {
  const queue = (await tserver.logins(bundle.dns.map(({ number }) => number as DNumber))).values()
  const worker = async () => {
    for (const record of queue) {
      if (!record) continue
      const { dn: thisDN, login, registered } = record
      if (login) await unlessGone(tserver.request({ request: 'TAgentLogout', person: login.person, thisDN }))
      if (registered) await unlessGone(tserver.request({ request: 'TUnregisterAddress', person: registered, thisDN }))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

// Another node may clear at the same time, and be further.
async function unlessGone(request: Promise<unknown>): Promise<void> {
  const gone = ['TERR_ACD_LOGOFF', 'TERR_NOT_REGISTERED', 'TERR_NOT_CONFIGURED']
  await request.catch((error: unknown) => {
    if (!(error instanceof TServerError) || !gone.includes(error.reason)) throw error
  })
}

async function removeRun(centre: Centre, id: string, bundle: ObjectBundle): Promise<void> {
  const keys = keysOf(centre.id, bundle)
  const isOurs = (object: StoredObject) =>
    keys.has(keyOf(object.kind, object.id)) || (object.kind === bundleKind && object.id === id)
  for (let attempt = 0; attempt < maxTries + keys.size; attempt++) {
    const { revision, objects } = await centre.store.readObjects()
    // What somebody laid over an object of ours goes first: without the bundle it would be half an object.
    const next = objects.find((object) => isOurs(object) && object.kind !== bundleKind) ?? objects.find(isOurs)
    if (!next) return
    built(
      applyStored(
        without(centre.directory(), keys),
        objects.filter((object) => !isOurs(object)),
      ),
    )
    await centre.store.putObject({ kind: next.kind, id: next.id, value: null }, revision)
  }
  throw new Error('Others keep changing the configuration.')
}

function built(objects: Parameters<typeof buildDirectory>[0]): Directory {
  const result = buildDirectory(objects)
  if ('directory' in result) return result.directory
  throw new Error(`The configuration would contradict itself: ${result.problems[0]?.message}.`)
}

function takenName(directory: Directory, keys: ReadonlySet<string>, names: ReadonlySet<string>): string | undefined {
  const found = [
    ...[...directory.switches.keys()].map((name) => ['switch', name] as const),
    ...[...directory.dns.keys()].map((number) => ['dn', number] as const),
    ...[...directory.places.keys()].map((name) => ['place', name] as const),
    ...[...directory.agentLogins.keys()].map((code) => ['agentLogin', code] as const),
    ...[...directory.persons.keys()].map((id) => ['person', id] as const),
  ].find(([kind, id]) => keys.has(keyOf(kind, id)))
  if (found) return `${found[0]} ${found[1]}`
  const user = [...names].find((name) => directory.personsByUserName.has(name))
  return user === undefined ? undefined : `user ${user}`
}
