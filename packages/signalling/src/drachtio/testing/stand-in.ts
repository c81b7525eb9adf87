/**
 * A stand-in for drachtio-server 0.9: its control port as `client.cpp`, `client-controller.cpp` and `sip-dialog-controller.cpp` speak it, and SIP over
 * UDP and TCP below, without timers: on loopback nothing is lost. What the server does not do is not done here either.
 */
import type { SipMessage } from '../../sip/message/message.ts'
import type { Flow } from '../../sip/transport/flow.ts'
import type { SocketTransports } from '../../sip/transport/options.ts'
import { createTransports } from '../../sip/transport/transports.ts'
import { realClock } from '../../testing/live-transports.ts'
import { ClientSide } from './client-side.ts'
import { type Client, type Command, ControlPort } from './control-port.ts'
import { Legs } from './legs.ts'
import { PeerSide } from './peer-side.ts'

const version = 'v0.9.4'

export class DrachtioStandIn {
  /** A server that hangs does not. */
  answersPings = true
  readonly #secret: string
  readonly #transports: SocketTransports
  readonly #peers: PeerSide
  readonly #applications: ClientSide
  #control: ControlPort | undefined

  private constructor(secret: string, transports: SocketTransports, peers: PeerSide) {
    this.#secret = secret
    this.#transports = transports
    this.#peers = peers
    this.#applications = new ClientSide(transports, peers)
  }

  /** `port`: of the control port; 0: a free one. */
  static async open({ secret, port = 0 }: { secret: string; port?: number }): Promise<DrachtioStandIn> {
    let standIn: DrachtioStandIn | undefined
    const user = {
      onMessage: (message: SipMessage, flow: Flow) => standIn?.onMessage(message, flow),
      onFault: () => undefined,
      onClosed: () => undefined,
    }
    const listen = (['udp', 'tcp'] as const).map((transport) => ({ transport, address: '127.0.0.1', port: 0 }))
    const transports = await createTransports({ listen, user, clock: realClock })
    standIn = new DrachtioStandIn(secret, transports, new PeerSide(new Legs(), () => standIn?.clients ?? []))
    await standIn.start(port)
    return standIn
  }

  get listening(): SocketTransports['listening'] {
    return this.#transports.listening
  }

  get port(): number {
    return this.#control?.port ?? 0
  }

  get clients(): Client[] {
    return [...(this.#control?.clients ?? [])].filter(({ open }) => open)
  }

  /** The control port begins to listen. */
  async start(port: number): Promise<void> {
    this.#control = await ControlPort.open(port, (client, command) => this.#onCommand(client, command))
  }

  /** The control port is gone, with all who were connected; SIP stays. */
  async stop(): Promise<void> {
    await this.#control?.close()
    this.#control = undefined
  }

  /** As if nobody had refreshed any session. */
  expireSessions(): void {
    this.#peers.expireSessions()
  }

  async close(): Promise<void> {
    await this.stop()
    await this.#transports.close()
  }

  onMessage(message: SipMessage, flow: Flow) {
    if (message.kind === 'request') this.#peers.onRequest(message, flow)
    else this.#applications.onResponse(message, flow)
  }

  #onCommand(client: Client, command: Command) {
    const { name, args } = command
    switch (name) {
      case 'authenticate':
        return this.#authenticate(client, command)
      case 'ping':
        return this.answersPings ? client.answer(command, 'OK', 'pong') : undefined
      case 'route':
        client.routes.add((args[0] ?? '').toLowerCase())
        return client.answer(command, 'OK')
      case 'remove_route':
        client.routes.delete((args[0] ?? '').toLowerCase())
        return client.answer(command, 'OK')
      case 'sip':
        return this.#onSip(client, command)
      default:
        client.answer(command, 'NO', 'Unknown message type')
        client.destroy()
    }
  }

  #authenticate(client: Client, command: Command) {
    client.authenticated = command.args[0] === this.#secret
    if (client.authenticated) {
      const hostPorts = this.listening
        .map(({ transport, address, port }) => `${transport}/${address}:${port}`)
        .join(',')
      return client.answer(command, 'OK', `${hostPorts}|${version}|${hostPorts}`)
    }
    client.answer(command, 'NO', 'incorrect secret')
    setImmediate(() => client.destroy())
  }

  #onSip(client: Client, command: Command) {
    const [transactionId = '', dialogId = '', routeUrl] = command.args
    const { sip } = command
    if (!sip) return client.answer(command, 'NO', 'Invalid message format')
    if (sip.startLine.startsWith('SIP/')) return this.#peers.respond(client, command, transactionId, sip)
    const message = { client, command, sip }
    if (dialogId !== '') return this.#applications.sendInside(message, dialogId)
    if (transactionId !== '') return this.#applications.cancel(message, transactionId)
    this.#applications.sendOutside(message, routeUrl)
  }
}
