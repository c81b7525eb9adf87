import {
  applyStored,
  buildDirectory,
  type Directory,
  type ObjectKind,
  removedObject,
  toObjects,
} from '@ringdown/signalling'
import type { Centre } from '../login.ts'
import { ApiError, type StatusCode } from './status.ts'

/** One object to write, or with null to remove. `id` as in `applyStored`: a name, a number, a code or a person's id. */
export interface ObjectChange {
  kind: ObjectKind
  id: string
  value: object | null
}

/**
 * The configuration as the store has it now. This node may be a moment behind after somebody changed it,
 * and who has just created an object wants to see it.
 */
export async function currentDirectory(centre: Centre): Promise<Directory> {
  const { objects } = await centre.store.readObjects()
  return directoryWith(centre, objects)
}

/**
 * Writes the change that `plan` makes of the configuration as it is; undefined: nothing is to be done. Somebody else's change in
 * between starts it over. SPEC WS-31: what would contradict itself is refused, with the name of the object; `refused` is the
 * status code for that. Answers the configuration after it.
 */
export async function changeObject(
  centre: Centre,
  plan: (directory: Directory) => ObjectChange | undefined,
  refused: StatusCode = 10,
): Promise<Directory> {
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const { revision, objects } = await centre.store.readObjects()
    const before = directoryWith(centre, objects)
    const change = plan(before)
    if (!change) return before
    const { kind, id, value } = change
    // An object of the file cannot be deleted from it; what is stored over it says that it is gone.
    const object = { kind, id, value: value ?? removedObject }
    const rest = objects.filter((other) => other.kind !== kind || other.id !== id)
    const after = directoryWith(centre, [...rest, object], refused)
    if (await centre.store.putObject(object, revision)) return after
  }
  throw new ApiError(15, 'Others keep changing the configuration; try again')
}
const maxTries = 16

type Stored = Awaited<ReturnType<Centre['store']['readObjects']>>['objects']

function directoryWith(centre: Centre, stored: Stored, refused: StatusCode = 10): Directory {
  const built = buildDirectory(applyStored(toObjects(centre.directory()), stored))
  if ('directory' in built) return built.directory
  throw new ApiError(
    refused,
    built.problems
      .map(({ message }) => message)
      .join('; ')
      .slice(0, 2_000),
  )
}
