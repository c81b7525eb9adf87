import { dirname, join, relative } from 'node:path'
import type { Plugin } from 'rolldown'
import type { BesideFile } from './bundle.ts'

/**
 * npm packages that look for files beside their code, and which of them the engine needs. Who is not here and looks for some
 * stops the build, before it is missed at run time.
 */
const needs: Readonly<Record<string, readonly string[]>> = {
  '@fastify/swagger-ui': ['static'],
  // Its own version, for a comment nobody sees.
  '@fastify/swagger': ['package.json'],
  // Threads for transports of the log: ours writes to standard output.
  pino: [],
  'thread-stream': [],
  // Only to shorten stack traces.
  ioredis: [],
}

/** Where the bundle lies, for what this plugin writes; has to stand at the head of each of its files. */
export const bundlePlace = 'const __bundle = import.meta.dirname;'

/** Leads `__dirname` of bundled CommonJS to copies in `files/`. */
export function dependencyFolders(beside: (file: BesideFile) => void): Plugin {
  return {
    name: 'dependency-folders',
    transform(code, id) {
      const place = /^(.*[/]node_modules[/]((?:@[^/]+[/])?[^/]+))[/]/.exec(id)
      if (!place || !/\b__(dir|file)name\b/.test(code)) return null
      const [, folder = '', name = ''] = place
      const wanted = needs[name]
      if (!wanted || code.includes('__filename'))
        this.error(
          `${name} looks for files beside its code (${id}): say in dependency-folders.ts which the engine needs`,
        )
      for (const file of wanted) beside({ from: join(folder, file), to: join('files', name, file) })
      const here = join('files', name, relative(folder, dirname(id)))
      return { code: code.replaceAll(/\b__dirname\b/g, `require('node:path').join(__bundle, '${here}')`), map: null }
    },
  }
}
