import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { type Parts, parseParts } from './parts.ts'

/** What the ring of drachtio-server's `client.cpp` holds; what comes on top of it overwrites what was not read. */
const ringBytes = 12_228

/** A message of an application: `id|command|argument|…`, and the SIP message that may follow. */
export interface Command {
  readonly id: string
  readonly name: string
  readonly args: readonly string[]
  readonly sip: Parts | undefined
}

/** An application that is connected. */
export class Client {
  readonly routes = new Set<string>()
  /** Commands as they came, for tests. */
  readonly commands: Command[] = []
  authenticated = false
  readonly #socket: Socket
  #ids = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get open(): boolean {
    return !this.#socket.destroyed
  }

  /** `length#id|text`, the length in bytes. */
  send(text: string | Buffer): void {
    const body = Buffer.concat([Buffer.from(`server-${this.#ids++}|`), Buffer.from(text)])
    this.#socket.write(Buffer.concat([Buffer.from(`${body.length}#`), body]))
  }

  answer(command: Command, outcome: 'OK' | 'NO' | 'NOK', more = ''): void {
    this.send(`response|${command.id}|${outcome}${more === '' ? '' : `|${more}`}`)
  }

  /** As a server that dies, or a network that breaks, does. */
  destroy(): void {
    this.#socket.destroy()
  }
}

type OnCommand = (client: Client, command: Command) => void

/** The port of a drachtio-server where applications connect. */
export class ControlPort {
  readonly clients = new Set<Client>()
  readonly #server: Server
  readonly #onCommand: OnCommand

  private constructor(onCommand: OnCommand) {
    this.#onCommand = onCommand
    this.#server = createServer((socket) => this.#accept(socket))
  }

  static async open(port: number, onCommand: OnCommand): Promise<ControlPort> {
    const control = new ControlPort(onCommand)
    control.#server.listen(port, '127.0.0.1')
    await once(control.#server, 'listening')
    return control
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(socket: Socket): void {
    const client = new Client(socket)
    this.clients.add(client)
    let waiting = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('close', () => this.clients.delete(client))
    socket.on('data', (data) => {
      waiting = Buffer.concat([waiting, data])
      for (;;) {
        const hash = waiting.indexOf('#')
        if (hash < 1) return
        const length = Number(waiting.toString('latin1', 0, hash))
        // The server would read on in the middle of something else.
        if (!(length > 0 && length <= ringBytes)) return void socket.destroy()
        const end = hash + 1 + length
        if (waiting.length < end) return
        const message = waiting.subarray(hash + 1, end)
        waiting = waiting.subarray(end)
        const command = read(message)
        client.commands.push(command)
        this.#onCommand(client, command)
      }
    })
  }
}

function read(message: Buffer): Command {
  const end = message.indexOf('\r\n')
  const [id = '', name = '', ...args] = message.toString('utf8', 0, end === -1 ? message.length : end).split('|')
  return { id, name, args, sip: end === -1 ? undefined : parseParts(message.subarray(end + 2)) }
}
