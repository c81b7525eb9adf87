import { Endpoint, freePorts } from '../scenario/endpoint.ts'
import { Messenger } from '../scenario/messenger.ts'
import { Desk } from '../scenario/scenario.ts'
import { type TracedOptions, TracedServer } from '../scenario/traced-server.ts'

/** An engine with SIP over UDP and TCP, MSRP and UC AJAX on, and what is to be observed of it. */
export class Stage {
  readonly server: TracedServer
  readonly sipPort: number
  readonly #leaving: (() => Promise<unknown>)[] = []

  private constructor(server: TracedServer, sipPort: number) {
    this.server = server
    this.sipPort = sipPort
  }

  static async open(settings: object, options: Partial<TracedOptions> = {}): Promise<Stage> {
    const [sip = 0, msrp = 0] = await freePorts(2)
    const server = await TracedServer.start({
      settings: {
        ucAjax: { enabled: true },
        sip: { listen: (['udp', 'tcp'] as const).map((transport) => ({ transport, host: '127.0.0.1', port: sip })) },
        msrp: { listen: [{ transport: 'tcp', host: '127.0.0.1', port: msrp }] },
        ...settings,
      },
      dns: [
        { number: '8001', options: { password: 'pw-8001', 'sip-signaling-chat': 'message' } },
        { number: '8002', options: { password: 'pw-8002' } },
      ],
      agents: 2,
      ...options,
    })
    return new Stage(server, sip)
  }

  async phone(number: string, transport: 'udp' | 'tcp' = 'udp'): Promise<Endpoint> {
    const engine = { host: '127.0.0.1', port: this.sipPort, transport }
    const phone = await Endpoint.open({ number, password: `pw-${number}`, engine, msrp: number === '8002' })
    this.#leaving.push(() => phone.close())
    await phone.registers()
    return phone
  }

  async desk(index: number): Promise<Desk> {
    const desk = new Desk(this.server.address, this.#person(index))
    this.#leaving.push(async () => {
      await desk.leaves()
      await desk.logsOut()
    })
    await desk.logsIn()
    return desk
  }

  messenger(index: number): Promise<Messenger> {
    return Messenger.signsIn(this.server.address, this.#person(index))
  }

  /** The page for Prometheus. */
  async metrics(): Promise<string> {
    const answer = await fetch(`${this.server.address}/metrics`)
    if (!answer.ok) throw new Error(`/metrics answers ${answer.status}`)
    return answer.text()
  }

  /** The sum of a metric's series whose labels are written so. */
  async figure(name: string, labels = ''): Promise<number> {
    const lines = (await this.metrics()).split('\n')
    const values = lines.filter(
      (line) => line.startsWith(`${name} `) || (line.startsWith(`${name}{`) && line.includes(labels)),
    )
    return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  }

  /** Who came leaves; the engine goes on. */
  async empty(): Promise<void> {
    for (const leave of this.#leaving.splice(0).reverse()) await leave()
  }

  async close(): Promise<void> {
    try {
      await this.empty()
    } finally {
      await this.server.stop()
    }
  }

  #person(index: number) {
    const person = this.server.persons[index]
    if (!person) throw new Error('nobody there')
    return person
  }
}
