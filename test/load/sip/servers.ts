import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEngine } from '../legs/engine.ts'
import { readUse } from '../proc.ts'
import type { ProbeCalls } from '../protocol.ts'
import type { Remote } from '../rpc.ts'
import { startNode } from '../subject/subject.ts'
import { type KamailioRole, startKamailio } from './kamailio.ts'
import { passwordOf, realm, userOf } from './users.ts'

/** Who registers, in turn. */
export const registeringUsers = 5_000

/** A SIP server under test. */
export interface SipServer {
  readonly port: number
  /** CPU time of all its processes so far, microseconds. */
  cpuUs(): number
  /** Ours only. */
  readonly probe?: Remote<ProbeCalls>
  output(): string
  stop(): Promise<void>
}

/** How a server is started; the folder is for its files. */
export type StartServer = (folder: string) => Promise<SipServer>

export const kamailio =
  (role: KamailioRole): StartServer =>
  (folder) =>
    startKamailio(role, folder)

const programs = {
  bare: new URL('./subject/bare.ts', import.meta.url),
  answerer: new URL('./subject/answerer.ts', import.meta.url),
  forwarder: new URL('./subject/forwarder.ts', import.meta.url),
  bridge: new URL('./subject/bridge.ts', import.meta.url),
  registrar: new URL('./subject/registrar.ts', import.meta.url),
}

/** A server made of our stack. */
export const ours =
  (program: keyof typeof programs, ...args: string[]): StartServer =>
  async () => {
    const child = startNode(fileURLToPath(programs[program]), args)
    const port = await new Promise<number>((resolve, reject) => {
      child.process.on('message', (message: { port?: number }) => {
        if (message.port !== undefined) resolve(message.port)
      })
      child.process.once('exit', () => reject(new Error(`${program} ended at once:\n${child.output()}`)))
    })
    const { probe, output, stop, pid } = child
    return { port, cpuUs: () => readUse(pid).cpuUs, probe, output, stop }
  }

/** The whole engine as registrar, bindings in its embedded store: each is on the disk before it is answered. */
export const engineRegistrar: StartServer = async () => {
  const options = { 'sip-signaling-chat': 'message', password: passwordOf }
  const endpoints = Array.from({ length: registeringUsers }, (_, i) => ({ number: userOf(i), options }))
  const engine = await startEngine({ agents: 0, endpoints, store: 'embedded', domain: realm })
  return { ...engine, port: engine.sip }
}

/** SIPp's injection file of those who register. */
export function usersFile(folder: string): string {
  const file = join(folder, 'users.csv')
  const users = Array.from({ length: registeringUsers }, (_, i) => {
    return `${userOf(i)};[authentication username=${userOf(i)} password=${passwordOf}]`
  })
  writeFileSync(file, `SEQUENTIAL\n${users.join('\n')}\n`)
  return file
}
