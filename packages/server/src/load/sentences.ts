/** `1 text`, `2 texts`, `12 000 texts`. */
export const counted = (count: number, thing: string): string => `${grouped(count)} ${thing}${count === 1 ? '' : 's'}`

/** A whole number with thin thousands. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ' ')

/** Milliseconds as a person reads them: `0.42 ms`, `12.3 ms`, `1.24 s`; a dash where there is none. */
export function time(ms: number | null): string {
  if (ms === null) return '–'
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms >= 1_000) return `${(ms / 1000).toFixed(2)} s`
  return `${ms.toFixed(ms >= 100 ? 0 : ms >= 10 ? 1 : 2)} ms`
}

/** A rate: one decimal below 100. */
export const rate = (perSecond: number): string =>
  perSecond >= 100 ? grouped(Math.round(perSecond)) : perSecond.toFixed(1)

/** `1:05`, `1:00:00`. */
export function clock(ms: number): string {
  const all = Math.max(0, Math.round(ms / 1000))
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`
}
