import type { Clock, SessionStore } from '@ringdown/signalling'
import type { NodePart, Question } from './piece.ts'

export interface OtherNodesDeps {
  readonly node: string
  readonly store: SessionStore
  readonly clock: Clock
  /** What this node holds; for the others. */
  readonly answer: (question: Question) => Promise<NodePart>
  readonly onError: (error: unknown) => void
}

/** How often a node says that it is there; until when it is waited for; how long it is named when it does not answer, ms. */
const announceMs = 5_000
const hereMs = 12_000
const missedMs = 60_000
/** Until an answer counts as missing, and how long it is kept for who asked, ms. */
const answerMs = 1_500
const keptMs = 10_000
/** Characters of one answer: what is more is left out, oldest first. */
const mostCharacters = 8_388_608
/** Nodes that are remembered. */
const mostNodes = 100

const hello = 'trace here '
const bye = 'trace bye '
const asked = 'trace ask '
const told = 'trace told '

interface Asking {
  readonly parts: Map<string, NodePart>
  readonly missing: Set<string>
  readonly done: () => void
}

/**
 * Asks the other nodes of a store what they hold of a session. The question is a signal to all; an answer is kept in the store for some
 * seconds and another signal says so. Signals may get lost: who does not answer is named, nobody is waited for beyond 1.5 s.
 */
export class OtherNodes {
  readonly #deps: OtherNodesDeps
  /** When each was heard last, ms since 1970. */
  readonly #heard = new Map<string, number>()
  readonly #asking = new Map<string, Asking>()
  readonly #stopSignals: () => void
  #stopAnnouncing: () => void = () => undefined
  #asks = 0

  constructor(deps: OtherNodesDeps) {
    this.#deps = deps
    this.#stopSignals = deps.store.onSignal((message) => this.#onSignal(message))
    this.#announce()
  }

  /** The parts of all that answer, and who does not. Never rejects. */
  async ask(question: Question): Promise<{ parts: readonly NodePart[]; silent: readonly string[] }> {
    const { clock, node } = this.#deps
    const now = clock.now()
    const missing = new Set<string>()
    for (const [other, at] of this.#heard)
      if (now - at <= hereMs) missing.add(other)
      else if (now - at > missedMs) this.#heard.delete(other)
    const gone = [...this.#heard.keys()].filter((other) => !missing.has(other))
    if (missing.size === 0) return { parts: [], silent: gone.sort() }
    const id = `${node}.${now.toString(36)}.${(this.#asks++).toString(36)}`
    const parts = new Map<string, NodePart>()
    await new Promise<void>((resolve) => {
      const stop = clock.after(answerMs, resolve)
      const done = () => {
        stop()
        resolve()
      }
      this.#asking.set(id, { parts, missing, done })
      this.#signal('*', `${asked}${JSON.stringify({ id, node, question })}`)
    })
    this.#asking.delete(id)
    return { parts: [...parts.values()], silent: [...missing, ...gone].sort() }
  }

  close(): void {
    this.#stopAnnouncing()
    this.#stopSignals()
    this.#signal('*', `${bye}${this.#deps.node}`)
    for (const { done } of this.#asking.values()) done()
  }

  #announce(): void {
    const { clock, node } = this.#deps
    this.#signal('*', `${hello}${node}`)
    this.#stopAnnouncing = clock.after(announceMs, () => this.#announce())
  }

  #onSignal(message: string): void {
    if (message.startsWith(hello)) this.#hear(message.slice(hello.length))
    else if (message.startsWith(bye)) this.#heard.delete(message.slice(bye.length))
    else if (message.startsWith(asked)) this.#answer(message.slice(asked.length)).catch(this.#deps.onError)
    else if (message.startsWith(told)) this.#take(message.slice(told.length)).catch(this.#deps.onError)
  }

  #hear(other: string): void {
    const { node, clock } = this.#deps
    if (other === node || other === '') return
    const isNew = !this.#heard.has(other)
    if (isNew && this.#heard.size >= mostNodes) return
    this.#heard.set(other, clock.now())
    // A node that has just begun knows of nobody.
    if (isNew) this.#signal(other, `${hello}${node}`)
  }

  async #answer(json: string): Promise<void> {
    const { node, store, answer } = this.#deps
    const { id, node: asker, question } = JSON.parse(json) as { id: string; node: string; question: Question }
    if (asker === node) return
    const part = await answer(question)
    await store.keep('trace', `${id} ${node}`, printed(part), keptMs)
    await store.signal(asker, `${told}${id} ${node}`)
  }

  async #take(words: string): Promise<void> {
    const [id = '', other = ''] = words.split(' ')
    const asking = this.#asking.get(id)
    if (!asking?.missing.has(other)) return
    const { store } = this.#deps
    const json = await store.kept('trace', words)
    if (json === undefined) return
    asking.parts.set(other, JSON.parse(json) as NodePart)
    asking.missing.delete(other)
    if (asking.missing.size === 0) asking.done()
    await store.forget('trace', words)
  }

  #signal(node: string, message: string): void {
    this.#deps.store.signal(node, message).catch(this.#deps.onError)
  }
}

/** A part that is too long for a value of the store loses its oldest pieces, and says so. */
function printed(part: NodePart): string {
  const texts = part.pieces.map((piece) => JSON.stringify(piece))
  let characters = 0
  let first = texts.length
  while (first > 0 && characters + (texts[first - 1] as string).length <= mostCharacters)
    characters += (texts[--first] as string).length
  const left = texts.slice(0, first).reduce((sum, text) => sum + text.length, 0)
  const { node, discarded } = part
  const head = JSON.stringify(left > 0 ? { ...discarded, leftOut: (discarded.leftOut ?? 0) + left } : discarded)
  return `{"node":${JSON.stringify(node)},"discarded":${head},"pieces":[${texts.slice(first).join(',')}]}`
}
