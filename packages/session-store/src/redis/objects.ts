import type { StoredObject } from '@ringdown/signalling'
import type { StoreKeys } from './keys.ts'
import { loadScript, type RunScript } from './script.ts'

const readScript = loadScript(new URL('./read-objects.lua', import.meta.url))
const putScript = loadScript(new URL('./put-object.lua', import.meta.url))

/** All objects, by kind and id, and the revision they are of. */
export async function readObjects(run: RunScript, at: StoreKeys) {
  const reply = (await run(readScript, [at.objects], [])) as string[]
  const fields: [name: string, json: string][] = []
  for (let i = 0; i < reply.length; i += 2) fields.push([reply[i] ?? '', reply[i + 1] ?? ''])
  const revision = Number(fields.find(([name]) => name === 'revision')?.[1] ?? 0)
  const objects: StoredObject[] = fields
    .filter(([name]) => name !== 'revision')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, json]) => {
      // A kind is one of our own words and has no space in it.
      const space = name.indexOf(' ')
      return { kind: name.slice(0, space), id: name.slice(space + 1), value: JSON.parse(json) }
    })
  return { revision, objects }
}

/** Whether the object was written (or, with null, removed): not if the revision is another by now. */
export async function putObject(
  run: RunScript,
  at: StoreKeys,
  token: string,
  object: { kind: string; id: string; value: unknown | null },
  revision: number,
): Promise<boolean> {
  const json = object.value === null ? '' : JSON.stringify(object.value)
  const args = [String(revision), `${object.kind} ${object.id}`, json, token]
  return (await run(putScript, [at.objects, at.objectsChanged], args)) === 1
}
