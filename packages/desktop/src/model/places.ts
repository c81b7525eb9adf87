import type { Place } from '@ringdown/client'
import type { Desktop } from './desktop.ts'

/** Whether a place is the agent's usual one, or the one they are at. */
export function isOwnPlace({ devices }: Desktop, place: Place): boolean {
  return place.devices.some(({ path }) => devices.some((own) => own.path === path))
}

/** Somebody else is logged in at the device. */
export function isHeld({ me }: Desktop, { heldBy }: Place['devices'][number]): boolean {
  return heldBy !== null && heldBy !== me?.userName
}

/** The agent's own place first, then as the server has them; null while they are being read. */
export function placesToShow(desktop: Desktop): readonly Place[] | null {
  const { places } = desktop
  if (places === null) return null
  return [...places.filter((one) => isOwnPlace(desktop, one)), ...places.filter((one) => !isOwnPlace(desktop, one))]
}
