/**
 * Makes the pages a browser loads: `dist/`, from `index.html` and `src/`. Does nothing where what is there is up to date, so that
 * every start may ask for it.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { viteConfig } from './vite-config.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))
const dist = join(folder, 'dist')
/** Beside the pages, never served: names what they were made from. */
const mark = join(dist, '.made-from')

function filesUnder(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/[.]test[.]tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Changes with every file that goes into the pages, and with every version of a dependency. */
function origin(): string {
  const hash = createHash('sha256')
  const single = ['index.html', 'package.json', '../../pnpm-lock.yaml'].map((name) => join(folder, name))
  const all = [
    ...single,
    ...['src', 'public', 'build', '../client/src'].flatMap((name) => filesUnder(join(folder, name))),
  ]
  for (const file of all.sort()) hash.update(`${relative(folder, file)}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

const made = origin()
if (existsSync(mark) && readFileSync(mark, 'utf8') === made) console.log('The desktop is up to date.')
else {
  const began = performance.now()
  // Vite makes pages for developers, with paths of this machine in them, where the environment says anything else.
  process.env.NODE_ENV = 'production'
  await build(viteConfig(folder))
  writeFileSync(mark, made)
  console.log(`The desktop is built, in ${((performance.now() - began) / 1000).toFixed(1)} s.`)
}
