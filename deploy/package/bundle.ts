import { join } from 'node:path'
import { type OutputChunk, rolldown } from 'rolldown'
import { bundlePlace, dependencyFolders } from './dependency-folders.ts'
import { ownFiles } from './own-files.ts'

/** A file or folder that lies beside the bundle: `to` is relative to it. */
export interface BesideFile {
  from: string
  to: string
}

export interface Bundled {
  files: readonly BesideFile[]
  /** Folders of the npm packages whose code is in the bundle. */
  packages: readonly string[]
}

/**
 * Bundles the server of the repository at `root` into the folder `out`, with everything it imports. Rolldown does it because
 * Vite, which builds the desktop, brings it already. Names and line breaks stay: a stack trace is read by people.
 */
export async function bundle(root: string, out: string): Promise<Bundled> {
  const files = new Map<string, BesideFile>()
  const beside = (file: BesideFile) => files.set(file.to, file)
  const build = await rolldown({
    cwd: root,
    input: { main: join(root, 'packages/server/src/main.ts') },
    platform: 'node',
    plugins: [ownFiles(root, beside), dependencyFolders(beside)],
    onLog: (level, { message }) => {
      // What is left out here is missing on the day it is asked for.
      if (level === 'warn') throw new Error(`the bundle is not complete: ${message}`)
    },
  })
  const { output } = await build.write({
    dir: out,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'shared-[hash].js',
    intro: bundlePlace,
    comments: { legal: true },
  })
  await build.close()
  const modules = output
    .filter((part): part is OutputChunk => part.type === 'chunk')
    .flatMap(({ moduleIds }) => moduleIds)
  return { files: [...files.values()], packages: packagesOf(modules) }
}

/** Folders of npm packages, each once, that these modules lie in. */
function packagesOf(modules: readonly string[]): readonly string[] {
  const found = modules.map((id) => /^.*[/]node_modules[/](?:@[^/]+[/])?[^/]+/.exec(id.replaceAll('\0', ''))?.[0])
  return [...new Set(found.filter((folder) => folder !== undefined))]
}
