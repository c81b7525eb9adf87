import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'
import { targets } from './targets.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true },
  },
})
const count = Number(values.count)
const seed = Number(values.seed)
/** Growth of the heap that is not noise. */
const allowedGrowth = 16 << 20
const slices = 10

function heap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

for (const target of targets) {
  if (values.only && !values.only.some((name) => target.name.includes(name))) continue
  const begin = performance.now()
  const slice = Math.ceil(count / slices)
  fuzz(target, seed + 1, Math.min(slice, 10_000)) // Warm: what the code itself needs is not growth.
  const before = heap()
  let slowest = 0
  let longest = 0
  for (let first = 0; first < count; first += slice) {
    const result = fuzz(target, seed, Math.min(slice, count - first), first)
    slowest = Math.max(slowest, result.slowestMs)
    longest = Math.max(longest, result.longestInput)
    if (!result.failure) continue
    const { index, why, input } = result.failure
    const file = `${target.name}-${seed}-${index}.bin`
    writeFileSync(file, input)
    console.error(`${target.name}: input ${index} of seed ${seed} (kept as ${file}):\n${why}`)
    process.exit(1)
  }
  const growth = heap() - before
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  console.log(
    `${target.name}: ${count} inputs in ${seconds} s, slowest ${slowest.toFixed(1)} ms, longest ${longest} bytes, heap ${growth >= 0 ? '+' : ''}${(growth / 1024).toFixed(0)} KiB`,
  )
  if (globalThis.gc && growth > allowedGrowth) {
    console.error(`${target.name}: the heap grew`)
    process.exit(1)
  }
}
