import { deepEqual } from 'node:assert/strict'
import { NoAnswer, UcAjaxClient } from '../conformance/uc-ajax/client.ts'
import type { SeenEvent } from '../conformance/uc-ajax/seen-event.ts'
import type { ClientStyle } from '../conformance/uc-ajax/style.ts'
import { documented } from '../conformance/uc-ajax/style.ts'
import { type Person, until } from '../faults/engine.ts'

/** An agent on the UC AJAX API: what they do, and what they are told, in its order and in short. */
export class Messenger {
  readonly client: UcAjaxClient
  readonly #name: string
  /** How many of the client's events were looked at. */
  #looked = 0

  private constructor(client: UcAjaxClient, name: string) {
    this.client = client
    this.#name = name
  }

  /** Signs in; a conversation that goes on is still to be seen. */
  static async signsIn(
    address: string,
    { userName, password }: Person,
    style: ClientStyle = documented,
  ): Promise<Messenger> {
    const client = await UcAjaxClient.signIn({ address, user: userName, password, style })
    const messenger = new Messenger(client, userName)
    await messenger.sees('succeeded 1', 'configuration')
    return messenger
  }

  get uri(): string {
    return this.client.uri
  }

  /** The number of the conversation. */
  async calls(to: string | readonly string[], text: string, more: { subject?: string; format?: string } = {}) {
    return (await this.client.initiate(to, text, more)).confId
  }
  accepts(confId: number): Promise<string> {
    return this.client.accept(confId)
  }
  terminates(confId: number): Promise<string> {
    return this.client.terminate(confId)
  }
  says(confId: number, text: string, format?: string): Promise<string> {
    return this.client.send(confId, text, format === undefined ? {} : { format })
  }

  /** The very next events are these. */
  async sees(...events: readonly string[]): Promise<void> {
    const { seen } = this.client
    const wanted = this.#looked + events.length
    const isThere = async () => {
      // A poll that meets a node which has died is made again.
      if (seen.length < wanted) await this.client.poll().catch(unlessUnanswered)
      return seen.length >= wanted
    }
    await until(isThere, 10_000, `${this.#name} was not told ${events}, but ${this.#news()}`).catch(
      (error: unknown) => {
        deepEqual(this.#news(), events)
        throw error
      },
    )
    deepEqual(this.#news().slice(0, events.length), events)
    this.#looked = wanted
  }

  /** Nothing was told that was not asked for. */
  async seesNothingMore(): Promise<void> {
    await this.client.poll()
    deepEqual(this.#news(), [])
  }

  /** What was told so far does not matter. */
  async forgets(): Promise<void> {
    await this.client.poll()
    this.#looked = this.client.seen.length
  }

  async leaves(): Promise<void> {
    try {
      await this.client.signOut()
    } finally {
      await this.client.close()
    }
  }

  #news(): string[] {
    return this.client.seen.slice(this.#looked).map(inShort)
  }
}

function unlessUnanswered(error: unknown): void {
  if (!(error instanceof NoAnswer)) throw error
}

/** One event in a line: outcomes by rid, with the codes of a failure; what is about a conversation begins with its number. */
function inShort(seen: SeenEvent): string {
  switch (seen.event) {
    case 'requestSucceeded':
      return `succeeded ${seen.rid}`
    case 'requestFailed': {
      const { code, sip } = seen.error
      return `failed ${seen.rid}: ${code}${sip ? ` ${sip.code} ${sip.reason}` : ''}`
    }
    case 'other':
      return seen.element.name
    default:
      return `${seen.confId} ${conferenceInShort(seen)}`
  }
}

function conferenceInShort(seen: Extract<SeenEvent, { confId: number }>): string {
  switch (seen.event) {
    case 'initiateImSessionAccepted':
      return `accepted ${seen.rid}`
    case 'imSessionReceived': {
      const { inviter, subject, content, format } = seen
      return `invited by ${inviter.uri} "${subject}": ${content} (${format})`
    }
    case 'imSessionState':
      return seen.state
    case 'messageReceived':
      return `${seen.sender}: ${seen.content}${seen.format === 'text/plain' ? '' : ` (${seen.format})`}`
    case 'messageIdReceived':
      return `delivered ${seen.rid}`
    case 'messageSendFailed':
      return 'not delivered'
    case 'composingState':
      return seen.state
    case 'inviteFailed':
      return `inviteFailed ${seen.uri}`
    case 'participantRemoved':
      return `left ${seen.uri}`
    case 'escalationMode':
      return seen.mode
    case 'participant':
      return `joined ${seen.uri} ${seen.name}`
  }
}
