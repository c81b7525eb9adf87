type Ask = (name: string, args: readonly string[]) => Promise<unknown>

/** Keys looked at in one step; what of them is ours comes in the answer. */
const lookedAt = 500

/**
 * Names behind a prefix, some of them, and the cursor for more. Redis walks through everything it holds, in no order; a name comes
 * once at least.
 */
export async function namesOf(ask: Ask, prefix: string, after = '0'): Promise<{ names: string[]; next?: string }> {
  if (!/^\d{1,20}$/.test(after)) return { names: [] }
  const pattern = `${prefix.replace(/[*?[\]\\]/g, '\\$&')}*`
  const [next, keys] = (await ask('scan', [after, 'MATCH', pattern, 'COUNT', String(lookedAt)])) as [string, string[]]
  const names = keys.map((key) => key.slice(prefix.length))
  return next === '0' ? { names } : { names, next }
}
