import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { median } from './report/result.ts'

/** How long the disk under the stores of the test takes to make an append durable, microseconds: the floor of a commit. */
export function measureFsync(): number {
  const dir = mkdtempSync(join(tmpdir(), 'ringdown-load-fsync-'))
  const file = openSync(join(dir, 'log'), 'a')
  const page = Buffer.alloc(4096)
  const took = Array.from({ length: 200 }, () => {
    writeSync(file, page)
    const began = performance.now()
    fdatasyncSync(file)
    return (performance.now() - began) * 1000
  })
  closeSync(file)
  rmSync(dir, { recursive: true })
  return median(took)
}
