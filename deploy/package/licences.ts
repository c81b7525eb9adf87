import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What the licences of bundled code may be: those that let it be passed on in a work under Apache-2.0. */
const passable = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT']
/** Packages that say it in their Readme alone. */
const inReadme: Readonly<Record<string, string>> = { only: 'MIT' }

interface Manifest {
  name: string
  version: string
  license?: string
  dependencies?: Readonly<Record<string, string>>
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** Folders of all npm packages that the package in `folder` depends on, directly or not; ours are gone through, not listed. */
export function dependenciesOf(folder: string): readonly string[] {
  const found = new Set<string>()
  const visit = (from: string) => {
    for (const name of Object.keys(manifestIn(from).dependencies ?? {})) {
      const dependency = whereIs(name, from)
      if (found.has(dependency)) continue
      found.add(dependency)
      visit(dependency)
    }
  }
  visit(folder)
  return [...found].filter((one) => one.includes('/node_modules/'))
}

/** As Node looks for it. */
function whereIs(name: string, from: string): string {
  for (let folder = realpathSync(from); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (folder === dirname(folder)) throw new Error(`${name}, which ${from} depends on, is not installed`)
  }
}

function licenceTexts(folder: string): readonly string[] {
  const names = readdirSync(folder).sort()
  const read = (name: string) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim()
  const files = names.filter((name) => /^(licen[cs]e|copying|notice)([.-].*)?$/i.test(name))
  if (files.length > 0) return files.map(read)
  const readme = names.find((name) => /^readme/i.test(name))
  const chapter = readme && /^#+ *licen[cs]e\s*\n([\s\S]*?)(?=^#|(?![\s\S]))/im.exec(read(readme))?.[1]
  return chapter ? [chapter.trim()] : []
}

/** A package whose code is passed on, and under which licence: an SPDX identifier. */
export interface Licensed {
  name: string
  version: string
  license: string
}

/** What lies in that folder. Throws for a licence that may not be passed on. */
export function licensed(folder: string): Licensed {
  const { name, version, ...said } = manifestIn(folder)
  const license = said.license ?? inReadme[name]
  if (!license || !passable.includes(license))
    throw new Error(`${name} ${version} has the licence ${license}, which is none of ${passable.join(', ')}`)
  return { name, version, license }
}

/** Whose code the package holds, and under which licence, as Markdown. Throws for a licence that may not be passed on. */
export function licenceList(folders: readonly string[]): string {
  const entries = folders.map((folder) => {
    const { name, version, license } = licensed(folder)
    const texts = licenceTexts(folder).map((text) => `\`\`\`\`text\n${text}\n\`\`\`\`\n`)
    const body = texts.join('\n') || 'The package carries no text of it.\n'
    return [`${name} ${version}`, `## ${name} ${version}: ${license}\n\n${body}`] as const
  })
  const each = [...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1))
  return `# Licences of what Ringdown is bundled with\n\n${each.map(([, text]) => text).join('\n')}`
}
