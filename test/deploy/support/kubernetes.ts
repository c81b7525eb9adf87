import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StatefulSet } from 'kubernetes-models/apps/v1'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { Namespace, Service, ServiceAccount } from 'kubernetes-models/v1'
import ts from 'typescript'
import { parseAllDocuments } from 'yaml'
import { deploy } from './compose.ts'
import { root } from './package.ts'

export const kubernetes = join(deploy, 'kubernetes')

/** Any object of Kubernetes, as far as tests look into it. */
export interface Thing {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Readonly<Record<string, string>> }
  // biome-ignore lint/suspicious/noExplicitAny: what is in it is what the schemas are asked about
  spec: any
}

/** Kinds we use: who checks them, and which type names every key they may have. */
const kinds = {
  'v1 Namespace': { model: Namespace, type: 'INamespace', from: 'v1' },
  'v1 Service': { model: Service, type: 'IService', from: 'v1' },
  'v1 ServiceAccount': { model: ServiceAccount, type: 'IServiceAccount', from: 'v1' },
  'apps/v1 StatefulSet': { model: StatefulSet, type: 'IStatefulSet', from: 'apps/v1' },
  'policy/v1 PodDisruptionBudget': { model: PodDisruptionBudget, type: 'IPodDisruptionBudget', from: 'policy/v1' },
  'networking.k8s.io/v1 NetworkPolicy': { model: NetworkPolicy, type: 'INetworkPolicy', from: 'networking.k8s.io/v1' },
} as const

const kindOf = ({ apiVersion, kind }: Thing) => kinds[`${apiVersion} ${kind}` as keyof typeof kinds]

/** Objects in the files of a folder, but for what kustomize and others than Kubernetes read. */
export function thingsIn(folder: string): Thing[] {
  return readdirSync(join(kubernetes, folder))
    .filter((name) => name.endsWith('.yaml') && !['kustomization.yaml', 'ringdown.yaml'].includes(name))
    .flatMap((name) => parseAllDocuments(readFileSync(join(kubernetes, folder, name), 'utf8')))
    .map((document) => document.toJS() as Thing)
}

/** Throws where Kubernetes' own schema refuses it. */
export function validate(thing: Thing): void {
  const kind = kindOf(thing)
  if (!kind) throw new Error(`${thing.apiVersion} ${thing.kind} is no kind we use`)
  new kind.model(thing as never).validate()
}

/** Keys that Kubernetes does not know, in the compiler's words: its schemas let them pass, and the cluster drops them in silence. */
export function unknownKeys(things: readonly Thing[]): string[] {
  const file = join(root, 'test/deploy/support/things.ts')
  const lines = things.map((thing, i) => {
    const { type, from } = kindOf(thing)
    return `const a${i}: import('kubernetes-models/${from}').${type} = ${JSON.stringify(thing)}`
  })
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2024,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (path) => path === file || fileExists(path)
  host.getSourceFile = (path, language) =>
    path === file
      ? ts.createSourceFile(path, `export {}\n${lines.join('\n')}`, language)
      : getSourceFile.call(host, path, language)
  const program = ts.createProgram([file], options, host)
  const [source] = program.getSourceFiles().filter(({ fileName }) => fileName === file)
  return ts
    .getPreEmitDiagnostics(program, source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}
