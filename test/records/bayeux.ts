/** A CometD client that confirms nothing: each connect asks for what the last one was told, once more. */
export class Bayeux {
  readonly #user: string
  readonly #address: string
  #client = ''
  #heard: Record<string, unknown>[] = []

  constructor(user: string, address: string) {
    this.#user = user
    this.#address = address
  }

  async begin(ext?: object): Promise<void> {
    const [shaken] = await this.#send({
      channel: '/meta/handshake',
      version: '1.0',
      supportedConnectionTypes: ['long-polling'],
    })
    this.#client = String(shaken?.clientId)
    await this.#send({ channel: '/meta/subscribe', subscription: '/v2/me/im-sessions', ...(ext && { ext }) })
    this.#heard = await this.again()
  }

  /** Begins behind a position, and hears what is told there. */
  async from(position: unknown): Promise<Record<string, unknown>[]> {
    await this.begin({ replay: { '/v2/me/im-sessions': position } })
    return this.#heard
  }

  async again(): Promise<Record<string, unknown>[]> {
    return this.#send({ channel: '/meta/connect', connectionType: 'long-polling', advice: { timeout: 0 } })
  }

  async #send(message: object): Promise<Record<string, unknown>[]> {
    const answer = await fetch(`${this.#address}/api/v2/notifications`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${this.#user}:${this.#user}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify([{ ...message, ...(this.#client !== '' && { clientId: this.#client }) }]),
    })
    return (await answer.json()) as Record<string, unknown>[]
  }
}
