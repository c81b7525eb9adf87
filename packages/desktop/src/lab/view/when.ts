const formats = new Map<string, Intl.DateTimeFormat>()

function format(locale: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${name}`
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options)
  formats.set(key, known)
  return known
}

/** 20 Nov, 14:05:01; `at` in milliseconds since 1970. */
export function momentText(at: number, locale: string): string {
  const options = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const
  return format(locale, 'moment', options).format(at)
}

/** 14:05:01 */
export function clockText(at: number, locale: string): string {
  return format(locale, 'clock', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(at)
}

/** 14:05:01.123 */
export function preciseText(at: number, locale: string): string {
  const options = { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 } as const
  return format(locale, 'precise', { ...options, hourCycle: 'h23' }).format(at)
}

/** 0.4 ms, 12 ms, 3.2 s, 5 min */
export function spanText(ms: number, locale: string): string {
  const print = (value: number, unit: string, digits: number) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: digits }).format(value)
  if (ms < 10) return print(ms, 'millisecond', 1)
  if (ms < 1_000) return print(ms, 'millisecond', 0)
  if (ms < 120_000) return print(ms / 1_000, 'second', 1)
  return print(ms / 60_000, 'minute', 0)
}

/** 12 kB, 3.4 MB */
export function bytesText(bytes: number, locale: string): string {
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'kilobyte'] : [bytes / 1e6, 'megabyte']
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: 1 }).format(value)
}

export function numberText(value: number, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: value < 10 ? 2 : 0 }).format(value)
}
