import type { Site } from './people.ts'

/** What both contact centres hold but their audit logs: those tell of refused deeds as well. */
export function imagesOf(at: Site): string {
  return JSON.stringify(['north', 'south'].map((id) => without('audit', JSON.parse(at.image(id)))))
}

function without(name: string, maps: readonly unknown[]): unknown[] {
  return maps.map((map) =>
    Array.isArray(map) ? map.filter((entry) => !Array.isArray(entry) || entry[0] !== name) : map,
  )
}
