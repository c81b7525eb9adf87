const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/**
 * A point in time as it is written on a command line, in milliseconds since 1970: ISO 8601 (UTC where it names no zone), or so long ago:
 * `90m`, `24h`, `7d`. Undefined for anything else.
 */
export function readTime(text: string, now: number): number | undefined {
  const ago = /^(\d{1,9})([smhdw])$/.exec(text)
  if (ago) return now - Number(ago[1]) * units[ago[2] as keyof typeof units]
  const iso = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text)
  if (!iso) return undefined
  const [, day = '', time = '00:00', zone = 'Z'] = iso
  const at = Date.parse(`${day}T${time}${zone}`)
  // The 31st of a shorter month is read as one of the next.
  const isDay = !Number.isNaN(at) && new Date(`${day}T00:00Z`).toISOString().startsWith(day)
  return isDay ? at : undefined
}
