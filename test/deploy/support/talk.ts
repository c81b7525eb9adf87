import { expect } from 'vitest'
import { type Client, connect, disconnect, type Transport } from '../../cometd/client.ts'
import { until } from '../../faults/engine.ts'

type Answer = Record<string, unknown> & { statusCode: number }

/** Somebody who can log in, and whose password is the user name. */
export class Person {
  readonly #user: string
  readonly #address: () => string

  constructor(user: string, address: () => string) {
    this.#user = user
    this.#address = address
  }

  /** Asks Web Services; rejects for whatever is no success. */
  async ask(path: string, body?: object): Promise<Answer> {
    const answer = await fetch(`${this.#address()}/api/v2${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Basic ${Buffer.from(`${this.#user}:${this.#user}`).toString('base64')}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    })
    const said = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${said}`)
    const json = JSON.parse(said) as Answer
    expect(json.statusCode).toBe(0)
    return json
  }

  async login(): Promise<void> {
    await this.ask('/me', { operationName: 'StartContactCenterSession', channels: ['voice'] })
  }

  /** Listens by CometD with the stock client. */
  listen(transport: Transport): Promise<Client> {
    return connect(`${this.#address()}/api/v2/notifications`, { transport, ack: true }, { user: this.#user })
  }

  /** Starts a session with a number; its path. */
  async initiate(phoneNumber: string): Promise<string> {
    await this.ask('/me/im-sessions', { operationName: 'InitiateIMSession', destination: { phoneNumber } })
    return this.session()
  }

  /** The path of the session they are in. */
  async session(): Promise<string> {
    const { imSessions } = (await this.ask('/me/im-sessions?fields=*')) as unknown as { imSessions: { path: string }[] }
    const [session] = imSessions
    if (!session) throw new Error(`${this.#user} is in no session`)
    return session.path
  }

  async say(session: string, text: string): Promise<void> {
    await this.ask(`/me${session}`, { operationName: 'SendMessage', text })
  }

  async complete(session: string): Promise<void> {
    await this.ask(`/me${session}`, { operationName: 'Complete' })
  }
}

/** Ben and anna talk, anna listening by CometD; every text arrives. */
export async function talk(address: string, transport: Transport): Promise<void> {
  const [anna, ben] = [new Person('anna', () => address), new Person('ben', () => address)]
  await anna.login()
  await ben.login()
  const client = await anna.listen(transport)
  try {
    const session = await ben.initiate('7001')
    await ben.say(session, 'Hello Anna')
    await until(() => client.texts.includes('Hello Anna'), 20_000, 'the text does not arrive')
    await anna.say(session, 'Hello Ben')
    await ben.complete(session)
    const { messages } = (await anna.ask(`/me${session}/messages`)) as unknown as { messages: { message: string }[] }
    expect(messages.map(({ message }) => message)).toEqual(['Hello Anna', 'Hello Ben'])
  } finally {
    await disconnect(client)
  }
}

/** Runs a small load run from the console to its end. */
export async function loadRun(address: string): Promise<void> {
  const admin = new Person('admin', () => address)
  await admin.ask('/lab/load-runs', { pairs: 2, textsPerSecond: 20, seconds: 1 })
  type Run = { state: string; accepted: number; delivered: number; lost: number; problem?: string }
  let latest: Run | undefined
  const over = async () => {
    const { loadRuns } = (await admin.ask('/lab/load-runs')) as unknown as { loadRuns: Run[] }
    latest = loadRuns[0]
    return latest !== undefined && ['done', 'stopped', 'failed'].includes(latest.state)
  }
  await until(over, 40_000, 'the load run does not end')
  expect(latest).toMatchObject({ state: 'done', accepted: 20, delivered: 20, lost: 0 })
}
