import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { Plugin } from 'rolldown'
import type { BesideFile } from './bundle.ts'

const besideMe = /new URL\(\s*(['"])([.]{1,2}[/][^'"]+)\1,\s*import[.]meta[.]url,?\s*\)/g

/**
 * Our sources find what belongs to them by `new URL('./commit.lua', import.meta.url)`. In the bundle all code lies in one folder:
 * a program becomes a file of the bundle's own, anything else is copied to `files/`, and what is written leads there.
 */
export function ownFiles(root: string, beside: (file: BesideFile) => void): Plugin {
  const version = versionIn(join(root, 'package.json'))
  const programs = new Map<string, string>()
  return {
    name: 'own-files',
    transform(code, id) {
      if (!id.startsWith(join(root, 'packages')) || !code.includes('import.meta')) return null
      const result = code.replace(besideMe, (_all, _quote, path: string) => {
        const target = resolve(dirname(id), path)
        if (!existsSync(target)) this.error(`${id} needs ${target}, which is not there`)
        if (target.endsWith('.ts')) {
          const name = basename(target, '.ts')
          if ((programs.get(name) ?? target) !== target) this.error(`two programs are named ${name}: rename ${target}`)
          if (!programs.has(name)) this.emitFile({ type: 'chunk', id: target, fileName: `${name}.js` })
          programs.set(name, target)
          return `new URL('./${name}.js', import.meta.url)`
        }
        // One package, one version: whoever asks for its own gets that of the whole.
        if (basename(target) === 'package.json') {
          if (versionIn(target) !== version) this.error(`${target} has another version than the repository, ${version}`)
          return "new URL('../package.json', import.meta.url)"
        }
        const to = join('files', relative(join(root, 'packages'), target))
        beside({ from: target, to })
        return `new URL('./${to}', import.meta.url)`
      })
      const left = result.replaceAll(/new URL\('[^']+', import[.]meta[.]url\)/g, '')
      if (/import[.]meta[.](?!main)/.test(left))
        this.error(
          `${id} uses import.meta otherwise than by new URL('./file', import.meta.url): the bundle cannot follow`,
        )
      return { code: result, map: null }
    },
  }
}

function versionIn(file: string): unknown {
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: unknown }).version
}
