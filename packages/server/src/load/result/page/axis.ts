/** Round numbers from 0 to at least `highest`, about so many steps. */
export function linearTicks(highest: number, steps = 4): number[] {
  if (!(highest > 0)) return [0, 1]
  const raw = highest / steps
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw * 0.999) ?? 10)
  const count = Math.ceil(highest / step - 1e-9)
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}

/** Powers of ten around two positive numbers, at least two of them. */
export function logTicks(lowest: number, highest: number): number[] {
  const from = Math.floor(Math.log10(lowest))
  const to = Math.max(from + 1, Math.ceil(Math.log10(highest)))
  return Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i))
}

/** Marks of an axis of time, seconds, as a clock has them. */
export function timeTicks(seconds: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400]
  const step = steps.find((one) => seconds / one <= 8) ?? 14_400
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step)
}

/** Maps values to pixels. */
export const scale =
  (from: number, to: number, pixelsFrom: number, pixelsTo: number) =>
  (value: number): number =>
    Math.round((pixelsFrom + ((value - from) / (to - from || 1)) * (pixelsTo - pixelsFrom)) * 10) / 10
