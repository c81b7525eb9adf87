const token = "[!#$%&'*+.^_`|~\\dA-Za-z-]+"
const form = new RegExp(`^(${token})/(${token})(?:[ \\t]*;[\\t\\x20-\\x7e]*)?$`)

/** The type of a Content-Type without its parameters, in lower case; undefined where the value is none. */
export function mediaType(contentType: string): string | undefined {
  const [, type, subtype] = form.exec(contentType) ?? []
  return type === undefined || subtype === undefined ? undefined : `${type}/${subtype}`.toLowerCase()
}

/** Whether a list as in `a=accept-types` has the type: by name, as `type/*`, or as `*`. Parameters do not count. RFC 4975 §8.6. */
export function acceptsType(list: readonly string[], contentType: string): boolean {
  const type = mediaType(contentType)
  if (type === undefined) return false
  const family = `${type.slice(0, type.indexOf('/'))}/*`
  return list.some((entry) => {
    const wanted = (entry.split(';', 1)[0] ?? '').trim().toLowerCase()
    return wanted === '*' || wanted === type || wanted === family
  })
}
