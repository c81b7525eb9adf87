import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const run = promisify(execFile)
export const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The environment with this Node as the first on the path, as on a machine that has one that is new enough. */
export const environment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
}

/** Builds the package into `folder`; the file. */
export async function buildPackage(folder: string, repository = root): Promise<string> {
  await run(process.execPath, [join(repository, 'deploy/package/build.ts'), '--out', folder])
  const [name] = readdirSync(folder).filter((file) => /^ringdown-.*[.]tgz$/.test(file))
  if (name === undefined) throw new Error('no package was written')
  return join(folder, name)
}

/** Installs it as `npm install --global` does, below `folder`, where npm may not fetch anything; the program. */
export async function installPackage(file: string, folder: string): Promise<string> {
  const quiet = ['--offline', '--no-audit', '--no-fund', '--loglevel=error']
  await run('npm', ['install', '--global', '--prefix', folder, '--cache', join(folder, 'cache'), ...quiet, file])
  return join(folder, 'bin/ringdown')
}
