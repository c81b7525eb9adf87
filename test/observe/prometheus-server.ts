import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../scenario/endpoint.ts'
import { root } from './documented.ts'
import { eventually, type Started, start } from './program.ts'

export const shipped = join(root, 'deploy/prometheus')
export const rulesFile = join(shipped, 'rules/ringdown.rules.yml')

/** One series of an answer. */
export interface Found {
  metric: Readonly<Record<string, string>>
  value: [number, string]
}

interface Answer {
  status: string
  error?: string
  data: { resultType: string; result: Found[] }
}

/** A real Prometheus with the files we ship; only where the nodes are, and how long it waits, is other. */
export class PrometheusServer {
  readonly #address: string
  readonly #folder: string
  readonly #process: Started

  private constructor(address: string, folder: string, process: Started) {
    this.#address = address
    this.#folder = folder
    this.#process = process
  }

  static async start(nodes: readonly [string, string], token: string): Promise<PrometheusServer> {
    const folder = mkdtempSync(join(tmpdir(), 'ringdown-prometheus-'))
    cpSync(shipped, folder, { recursive: true })
    writeFileSync(join(folder, 'ringdown-token'), token)
    const change = (name: string, pairs: readonly [string, string][]) => {
      const path = join(folder, name)
      const text = pairs.reduce(
        (all, [from, to]) => {
          if (!all.includes(from)) throw new Error(`${name} has no ${from}`)
          return all.replaceAll(from, to)
        },
        readFileSync(path, 'utf8'),
      )
      writeFileSync(path, text)
    }
    change('prometheus.yml', [
      ['node1.im.example:8080', nodes[0]],
      ['node2.im.example:8080', nodes[1]],
      ['15s', '1s'],
    ])
    change('rules/ringdown.rules.yml', [['for: 30s', 'for: 1s']])
    const [port = 0] = await freePorts(1)
    const process = start('prometheus', [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ])
    const server = new PrometheusServer(`http://127.0.0.1:${port}`, folder, process)
    try {
      await eventually(
        async () => ((await fetch(`${server.#address}/-/ready`)).ok ? true : undefined),
        () => `Prometheus is not ready: ${process.said()}`,
      )
    } catch (error) {
      await server.stop()
      throw error
    }
    return server
  }

  /** What it answers to a question; rejects where it does not understand it. */
  async query(expression: string): Promise<readonly Found[]> {
    const { status, error, data } = await this.#get<Answer>(`/api/v1/query?query=${encodeURIComponent(expression)}`)
    if (status !== 'success') throw new Error(`${expression}: ${error}`)
    return data.result
  }

  /** Names of the alerts that fire. */
  async firing(): Promise<string[]> {
    const { data } = await this.#get<{ data: { alerts: { state: string; labels: { alertname: string } }[] } }>(
      '/api/v1/alerts',
    )
    return data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname)
  }

  /** Rules it has loaded, with what went wrong when they were last looked at. */
  async rules(): Promise<{ name: string; health: string; lastError?: string }[]> {
    const { data } = await this.#get<{ data: { groups: { rules: { name: string; health: string }[] }[] } }>(
      '/api/v1/rules',
    )
    return data.groups.flatMap(({ rules }) => rules)
  }

  async stop(): Promise<void> {
    await this.#process.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #get<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.#address}${path}`)).json()) as T
  }
}

/** Every dashboard we ship. */
export interface Dashboard {
  uid: string
  title: string
  schemaVersion: number
  panels: Panel[]
  templating: { list: { name: string; type: string; query: unknown }[] }
}
export interface Panel {
  id: number
  type: string
  title: string
  description?: string
  datasource?: { type: string; uid: string }
  gridPos: { x: number; y: number; w: number; h: number }
  targets?: { refId: string; expr: string; datasource: { uid: string } }[]
}
const folder = join(root, 'deploy/grafana/dashboards')
export const dashboards: readonly { file: string; dashboard: Dashboard }[] = readdirSync(folder).map((file) => ({
  file,
  dashboard: JSON.parse(readFileSync(join(folder, file), 'utf8')) as Dashboard,
}))
