const made = new Map<string, Intl.DateTimeFormat>()

function format(locale: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${name}`
  const known = made.get(key) ?? new Intl.DateTimeFormat(locale, options)
  made.set(key, known)
  return known
}

/** 14:05 */
export function timeOf(iso: string, locale: string): string {
  return print(format(locale, 'time', { hour: '2-digit', minute: '2-digit' }), iso)
}

/** Friday, 20 November */
export function dayOf(iso: string, locale: string): string {
  return print(format(locale, 'day', { weekday: 'long', day: 'numeric', month: 'long' }), iso)
}

/** 20 Nov, 14:05 */
export function momentOf(iso: string, locale: string): string {
  return print(format(locale, 'moment', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }), iso)
}

// What is no time is shown as it came.
function print(format: Intl.DateTimeFormat, iso: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? iso : format.format(at)
}

/** A value of user data as text: strings as they are, all else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
