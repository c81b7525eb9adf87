import { randomBytes } from 'node:crypto'
import { type Clock, TServerError } from '@ringdown/signalling'
import { Command, type Redis } from 'ioredis'
import { AppendFile, BeginningFile, infoField } from './append-file.ts'
import { type Attuned, attune } from './attune.ts'
import { bare, isElsewhere, isRefusedLogin, redisCode, storeError } from './errors.ts'
import type { StoreKeys } from './keys.ts'
import type { Script } from './script.ts'
import { type Waiter, Waiting } from './waiting.ts'

/** How often a node says that it is here and finds out whether writes are taken; and how old the last yes may be. Milliseconds. */
const probeMs = 250
const freshMs = 900
/** A server that has not answered for so long is looked for anew; how often one that is not the right one is. */
const giveUpMs = 4000
const lookAgainMs = 1000
/** How soon a server is asked again whether it has begun a new file: a small one takes a tenth of a second. */
const beginMs = 50

/** A server that this store must not use, however well it answers: a matter for whoever runs it. */
class UnfitServer extends Error {}

/** Something the operator should know; for the log. */
export type OnNotice = (text: string, fields: Readonly<Record<string, unknown>>) => void

export interface LinkOptions {
  redis: Redis
  keys: StoreKeys
  clock: Clock
  deadlineMs: number
  maxPending: number
  waitReplicas: number
  onNotice: OnNotice
  /** The offsets known so far say nothing any more. */
  onEpoch(): void
  /** Hints of others may have been lost. */
  onDoubt(): void
  /** The slot or the master has moved. */
  onElsewhere(): void
}

/**
 * The connection that commands go over. It lets nothing through before it knows whose memory it has reached and that writes
 * are taken there (attune.lua), and keeps asking; everybody who waits for an answer is told in time.
 */
export class Link {
  readonly #options: LinkOptions
  readonly #redis: Redis
  readonly #waiting: Waiting
  readonly #file: AppendFile
  /** New with each connection: what the old one still had under way is then somebody else's, and heard of. */
  #token = newToken()
  /** The token of the connection that was found to lead to a server for our writes. */
  #fit: string | undefined
  #epoch: string | undefined
  #trouble: unknown = new Error('not connected yet')
  /** Someone's time is over and no answer has come since. */
  #stalled = false
  #lastYes = 0
  #lastLook = 0
  readonly #noticed = new Set<string>()
  #probeSince: number | undefined
  #closed = false
  #closing: Promise<void> | undefined
  #stopProbe: () => void = () => {}
  #stopBegin: () => void = () => {}
  #opened: { resolve: () => void; reject: (error: Error) => void } | undefined

  constructor(options: LinkOptions) {
    this.#options = options
    this.#redis = options.redis
    const { clock, deadlineMs, maxPending: limit, onNotice } = options
    this.#waiting = new Waiting({ clock, deadlineMs, limit, late: () => this.#late() })
    this.#file = new AppendFile({ clock, onNotice, send: (name, args) => this.#send(name, args) })
    this.#redis.on('ready', () => this.#connected())
    // Where an error came first, it says more.
    this.#redis.on('close', () => this.#down(this.#trouble ?? new Error('connection lost')))
    this.#redis.on('error', (error) => this.#down(error))
    this.#tick()
  }

  /** Resolves when the store takes writes or at the deadline; rejects when this server will never do. */
  async opened(): Promise<void> {
    if (this.#trouble === undefined) return
    const { clock, deadlineMs, onNotice } = this.#options
    await new Promise<void>((resolve, reject) => {
      const stop = clock.after(deadlineMs, () => {
        if (this.#trouble !== undefined)
          onNotice('the store cannot be reached yet', { cause: bare(this.#trouble).message })
        resolve()
      })
      const settled = (settle: () => void) => {
        stop()
        settle()
      }
      this.#opened = { resolve: () => settled(resolve), reject: (error) => settled(() => reject(error)) }
    })
  }

  /** Marks what this node publishes. */
  get token(): string {
    return this.#token
  }

  healthy(): boolean {
    const age = this.#options.clock.now() - this.#lastYes
    return this.#trouble === undefined && !this.#stalled && age < freshMs
  }

  /** Lets a request in, or throws why not. `expire` is called if its time runs out before it is settled. */
  admit(expire: (error: TServerError) => void): Waiter {
    if (this.#trouble !== undefined) throw outOfReach(this.#trouble)
    if (this.#stalled) throw new TServerError('TERR_TIMEOUT')
    return this.#waiting.add(expire)
  }

  /** Whether somebody still waits for this answer. */
  settle(waiter: Waiter): boolean {
    return this.#waiting.settle(waiter)
  }

  /** Sends one command; its reply, or a TServerError in time. */
  ask(name: string, args: readonly string[]): Promise<unknown> {
    return this.#attempt(() => this.#send(name, args))
  }

  /** Runs a script; its reply, or a TServerError in time. */
  readonly run = (script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> =>
    this.#attempt(() => this.answer(script, keys, args))

  /** Runs a script without waiting for anything but its answer, which comes or the connection breaks. */
  readonly answer = async (script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> => {
    // Who was let in before the connection broke may come when there is another one, which nobody has looked at yet.
    if (this.#fit !== this.#token) throw outOfReach(this.#trouble)
    return this.#evaluate(script, keys, args)
  }

  readonly #evaluate = async (script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> => {
    const rest = [String(keys.length), ...keys, ...args]
    try {
      return await this.#send('evalsha', [script.sha, ...rest])
    } catch (error) {
      // The server has forgotten the script, and so has not begun to run it: say it in full, once.
      if (redisCode(error) !== 'NOSCRIPT') throw error
      return this.#send('eval', [script.source, ...rest])
    }
  }

  /** Resolves when so many replicas as configured have what this connection wrote on disk; else it is not accepted. */
  async replicated(): Promise<void> {
    const { waitReplicas, deadlineMs } = this.#options
    if (waitReplicas === 0) return
    const reply = await this.#send('waitaof', ['1', String(waitReplicas), String(deadlineMs)])
    const [local, replicas] = reply as [number, number]
    if (local < 1 || replicas < waitReplicas) throw new TServerError('TERR_TIMEOUT', 'too few replicas have it')
  }

  /** What a failed command means; looks after the connection where the failure is about that. */
  failed(error: unknown): TServerError {
    const meaning = storeError(error)
    if (isElsewhere(error)) this.#lookAgain()
    else if (meaning.reason === 'TERR_NO_SWITCH') void this.#probe()
    return meaning
  }

  /** Takes note of whose memory a reply came from. */
  heard(epoch: string): void {
    if (epoch === this.#epoch) return
    const before = this.#epoch
    this.#epoch = epoch
    if (before === undefined) return
    this.#options.onNotice('the store may have lost writes and begins a new epoch', { before, epoch })
    this.#options.onEpoch()
  }

  /** Finds out anew whose memory this is. */
  async renew(): Promise<void> {
    await this.#attempt(() => this.#attune())
  }

  /** Lets nobody in any more, and ends when those inside have their answers. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const reached = this.#trouble === undefined
    this.#closed = true
    this.#trouble = new Error('the store is closed')
    this.#stopProbe()
    this.#stopBegin()
    await this.#waiting.empty()
    // Others need not publish for us; if they do not learn of it now, they will in some seconds.
    if (reached && this.#fit === this.#token && !this.#stalled) {
      await this.#send('zrem', [this.#options.keys.nodes, this.#token]).catch(() => {})
    }
    this.#redis.disconnect()
  }

  #attempt<T>(start: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiter = this.admit(reject)
      start().then(
        (value) => this.settle(waiter) && resolve(value),
        (error) => {
          const meaning = this.failed(error)
          if (this.settle(waiter)) reject(meaning)
        },
      )
    })
  }

  async #send(name: string, args: readonly string[]): Promise<unknown> {
    const reply = await this.#redis.sendCommand(new Command(name, [...args], { replyEncoding: 'utf8' }))
    this.#stalled = false
    return reply
  }

  #tick(): void {
    if (this.#closed) return
    this.#stopProbe = this.#options.clock.after(probeMs, () => this.#tick())
    if (this.#probeSince !== undefined && this.#options.clock.now() - this.#probeSince > giveUpMs) this.#lookAgain()
    void this.#probe()
  }

  #connected(): void {
    this.#token = newToken()
    this.#probeSince = undefined
    void this.#probe()
  }

  /** Asks once, unless the last question is still open; never rejects. */
  async #probe(): Promise<void> {
    if (this.#closed || this.#probeSince !== undefined || this.#redis.status !== 'ready') return
    const since = this.#options.clock.now()
    this.#probeSince = since
    const token = this.#token
    try {
      if (this.#trouble !== undefined) await this.#look()
      if (token === this.#token) await this.#attune()
    } catch (error) {
      if (token === this.#token) this.#down(error)
      if (error instanceof BeginningFile) this.#askSoon()
      if (isElsewhere(error)) this.#lookAgain()
    }
    if (token === this.#token) this.#probeSince = undefined
  }

  async #attune(): Promise<void> {
    const token = this.#token
    const durable = await this.#file.isDurable()
    const found = await attune(this.#evaluate, this.#options.keys, token, durable)
    // The connection has broken since: another one will ask.
    if (token === this.#token && !this.#closed) this.#judge(found)
  }

  #judge({ epoch, unknown, role, maxmemoryPolicy }: Attuned): void {
    if (maxmemoryPolicy !== 'noeviction') {
      throw new UnfitServer(`Redis would throw data away: maxmemory-policy is ${maxmemoryPolicy}, set it to noeviction`)
    }
    this.#checkRole(role)
    this.heard(epoch)
    this.#fit = this.#token
    this.#lastYes = this.#options.clock.now()
    if (this.#trouble !== undefined) this.#options.onNotice('the store takes writes', { epoch })
    this.#trouble = undefined
    this.#noticed.clear()
    this.#opened?.resolve()
    if (unknown) this.#options.onDoubt()
  }

  /** Looks at the server without a write: all that must be known before attune.lua, which makes the first. */
  async #look(): Promise<void> {
    const info = String(await this.#send('info', []))
    this.#checkVersion(infoField(info, 'redis_version'))
    this.#checkRole(infoField(info, 'role'))
    await this.#file.begin(info)
  }

  #checkVersion(version: string): void {
    const [major, minor] = version.split('.').map(Number)
    if (!(Number(major) >= 7)) throw new UnfitServer(`Redis 7.0 or newer is needed, this one is ${major}.${minor}`)
    if (this.#options.waitReplicas > 0 && !(Number(major) > 7 || Number(minor) >= 2)) {
      throw new UnfitServer(`waitReplicas needs Redis 7.2 or newer (WAITAOF), this one is ${major}.${minor}`)
    }
  }

  #checkRole(role: string): void {
    if (role === 'master') return
    this.#lookAgain()
    throw new Error(`this Redis is not the master but a ${role}`)
  }

  #askSoon(): void {
    this.#stopBegin()
    if (!this.#closed) this.#stopBegin = this.#options.clock.after(beginMs, () => void this.#probe())
  }

  #down(error: unknown): void {
    if (this.#closed) return
    const { message } = bare(error)
    // Each reason once: reconnecting fails several times a second, and the reason may change.
    if (!this.#noticed.has(message) && this.#noticed.size < 10) {
      this.#noticed.add(message)
      this.#options.onNotice('the store takes no writes', { cause: message })
    }
    this.#trouble = error
    this.#stalled = false
    if (error instanceof UnfitServer || isRefusedLogin(error)) this.#opened?.reject(bare(error))
  }

  #late(): void {
    this.#stalled = true
  }

  /** Connects anew, to whoever is in charge now. */
  #lookAgain(): void {
    const now = this.#options.clock.now()
    if (now - this.#lastLook < lookAgainMs) return
    this.#lastLook = now
    this.#options.onElsewhere()
    this.#redis.disconnect(true)
  }
}

function outOfReach(trouble: unknown): TServerError {
  return new TServerError('TERR_NO_SWITCH', redisCode(trouble) ?? 'no connection', { cause: bare(trouble) })
}

function newToken(): string {
  return randomBytes(4).toString('hex')
}
