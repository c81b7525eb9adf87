import { derivePersonID, type PersonID, removedObject, type StoredObject } from '@ringdown/signalling'
import { CommandError } from '../../cli/io.ts'
import type { OpenCentre } from '../open-centres.ts'

/** How often it is tried where others change the configuration at the same time. */
const maxTries = 20

/** The configuration object of somebody who is erased: what the API has made goes, what is in the file is not ours to change. */
export class ErasedObject {
  readonly #centre: OpenCentre
  readonly #person: PersonID
  readonly #inFile: boolean

  constructor(centre: OpenCentre, person: PersonID) {
    this.#centre = centre
    this.#person = person
    const { id: centreID, persons } = centre.file
    this.#inFile = persons.some(({ id, userName }) => (id ?? derivePersonID(centreID, userName)) === person)
  }

  /** How many objects there are to remove. */
  async count(): Promise<number> {
    return (await this.#stored()).object ? 1 : 0
  }

  /** Nobody logs in as them while they are erased, where the API has made them. */
  async disable(): Promise<void> {
    await this.#put((value) => {
      const { enabled } = value as { enabled?: boolean }
      return this.#inFile || enabled === false ? undefined : { ...(value as object), enabled: false }
    })
  }

  /**
   * Removes what was stored of them; how many objects that were. What the API had changed of a person of the file becomes the mark of a
   * removed one: otherwise the password of the file would be good again.
   */
  async remove(): Promise<number> {
    return (await this.#put(() => (this.#inFile ? removedObject : null))) ? 1 : 0
  }

  /** What is left, and why. */
  left(): string[] {
    const { id } = this.#centre
    return [
      ...(this.#inFile
        ? [
            `the person in the configuration file, under contact centre ${id}: remove them there, else they can log in again`,
          ]
        : []),
      'backups that were made before: keep them no longer than you must, and erase again after a restore',
      'what webhooks and log collectors were sent before: it is with their receivers',
      'what the other parties of the sessions have exported, or their clients and phones show',
      'DNs and the SIP addresses made of them: they are of devices',
      'the log of the server, where ids and DNs are, and no texts',
    ]
  }

  async #stored(): Promise<{ object: StoredObject | undefined; revision: number }> {
    const { objects, revision } = await this.#centre.store.readObjects()
    const object = objects.find(({ kind, id }) => kind === 'person' && id === this.#person)
    const isGone = JSON.stringify(object?.value) === JSON.stringify(removedObject)
    return { object: isGone ? undefined : object, revision }
  }

  /** Whether there was anything to write. */
  async #put(change: (value: unknown) => unknown | undefined): Promise<boolean> {
    for (let tries = 0; tries < maxTries; tries++) {
      const { object, revision } = await this.#stored()
      const value = object && change(object.value)
      if (!object || value === undefined) return false
      if (await this.#centre.store.putObject({ ...object, value }, revision)) return true
    }
    throw new CommandError('others keep changing the configuration; try again')
  }
}
