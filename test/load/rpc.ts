import type { ChildProcess } from 'node:child_process'
import type { Answer } from './protocol.ts'

type CallsOf<Calls> = { [K in keyof Calls]: (params: never) => unknown }
type Handlers<Calls> = {
  [K in keyof Calls]: Calls[K] extends (params: infer P) => infer R ? (params: P) => R | Promise<R> : never
}

/** Answers the parent process' calls. */
export function serve<Calls extends CallsOf<Calls>>(handlers: Handlers<Calls>): void {
  const byName = new Map<string, (params: unknown) => unknown>(
    Object.entries(handlers).map(([name, run]) => [name, run as (params: unknown) => unknown]),
  )
  const answer = async ({ id, call, params }: { id: number; call: string; params: unknown }) => {
    try {
      const run = byName.get(call)
      if (!run) throw new Error(`no such call: ${call}`)
      send({ id, result: await run(params) })
    } catch (error) {
      send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  }
  const send = (message: Answer) => process.send?.(message)
  process.on('message', (message: { id: number; call: string; params: unknown }) => void answer(message))
}

/** Calls a child process; every call is answered, or rejects when the child ends. */
export class Remote<Calls extends CallsOf<Calls>> {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>()
  #nextId = 1

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message: Answer) => {
      const waiting = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      if ('error' in message) waiting?.reject(new Error(message.error))
      else waiting?.resolve(message.result as never)
    })
    child.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the process ended: ${signal ?? code}`))
      this.#waiting.clear()
    })
  }

  call<K extends keyof Calls & string>(call: K, params: Parameters<Calls[K]>[0]): Promise<ReturnType<Calls[K]>> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++
      this.#waiting.set(id, { resolve, reject })
      this.#child.send({ id, call, params })
    })
  }
}
