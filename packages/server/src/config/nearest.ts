/** The known name that a misspelt one most likely means; undefined where none is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(name.length / 3)) + 1
  const wanted = squash(name)
  for (const candidate of known) {
    const away = squash(candidate) === wanted ? 0 : distance(name.toLowerCase(), candidate.toLowerCase(), least)
    if (away < least) [best, least] = [candidate, away]
  }
  return best
}

// `agent-logins`, `agent_logins` and `agentlogins` all mean `agentLogins`.
const squash = (name: string) => name.toLowerCase().replace(/[-_ ]/g, '')

/** Levenshtein distance; a number not below `limit` stands for every larger one. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap))
    }
    row = next
  }
  return row[b.length] ?? limit
}
