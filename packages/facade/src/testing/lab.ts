import {
  applyStored,
  buildDirectory,
  type CallUUID,
  createTServer,
  type Directory,
  type DirectoryObjects,
  type FeedEntry,
  type PersonID,
} from '@ringdown/signalling'
import { demoDirectory, demoObjects, ManualClock, memoryStore, seededIds } from '@ringdown/signalling/testing'
import type { FastifyBaseLogger, FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { createApp } from '../app.ts'
import type { Lab } from '../lab/ports.ts'
import type { Tracer } from '../lab/tracer.ts'
import { hashPassword } from '../login/password.ts'
import type { Centre } from '../login.ts'
import type { FacadeOptions } from '../options.ts'
import type { Reload } from '../web-services/api.ts'

/** Everybody's password in the lab is their user name; the cost is the least, since nothing is secret here. */
export const labObjects: DirectoryObjects = demoObjects(
  Object.fromEntries(
    await Promise.all(
      ['anna', 'ben', 'admin', 'cleo'].map(async (name) => [name, await hashPassword(name, { ln: 1, r: 1, p: 1 })]),
    ),
  ),
)

export interface LabSetUp {
  objects?: DirectoryObjects
  options?: Partial<FacadeOptions>
  /** The centres' ids; each has the same objects. */
  centres?: readonly string[]
  reload?: Reload
  /** Is told of what passes. */
  tracer?: Tracer
  /** What only a server knows. */
  console?: Lab
  log?: FastifyBaseLogger
  /** The folder of the desktop's files. */
  desktop?: string
}

/** One node of the engine in memory: the real T-Server and facade, a clock that stands, a store without a disk. */
export async function lab(setUp: LabSetUp = {}) {
  const { objects = labObjects, options = {}, centres: ids = ['demo'], reload, desktop, console, tracer, log } = setUp
  const clock = new ManualClock()
  const refused: string[] = []
  const stores = ids.map((id) => memoryStore({ epoch: `epoch-${id}`, feedLimit: 1_000, clock }))
  const opened: FastifyInstance[] = []

  /** Another node over the same stores. */
  async function node(name: string) {
    const centres = await Promise.all(
      ids.map(async (id, i) => {
        const first = stores[i]
        if (!first) throw new Error('no store')
        return labCentre(name === 'n1' ? first : first.connect(name), { ...objects, id }, clock)
      }),
    )
    const app = await createApp({
      centres,
      clock,
      node: name,
      options,
      meter: { refused: (reason) => refused.push(reason) },
      ...(reload && { reload }),
      ...(tracer && { tracer }),
      ...(log && { log }),
      ...(console && { lab: console }),
      ...(desktop !== undefined && { desktop }),
    })
    opened.push(app)
    return { app, centres, as: (user: string) => client(app, user) }
  }

  const first = await node('n1')
  const [centre] = first.centres
  const [store] = stores
  if (!centre || !store) throw new Error('a lab needs a contact centre')
  return {
    ...first,
    node,
    clock,
    centre,
    store,
    refused,
    /** What was appended to a person's feed, all of it. */
    async feed(userName: string): Promise<readonly FeedEntry[]> {
      return (await store.readFeed(personID(centre, userName), 0, 1_000)).entries
    },
    /** The session the person is in. */
    async callUUID(userName: string): Promise<CallUUID> {
      const call = await centre.tserver.session(personID(centre, userName))
      if (!call) throw new Error(`${userName} is in no session`)
      return call.callUUID
    },
    close: () => Promise.all(opened.map((app) => app.close())),
  }
}

type LabStore = ReturnType<typeof memoryStore>
export interface LabCentre extends Centre {
  /** Puts another configuration in force, as a reload does. */
  reload(objects: DirectoryObjects): void
}

async function labCentre(store: LabStore, given: DirectoryObjects, clock: ManualClock): Promise<LabCentre> {
  let objects = given
  let directory: Directory = demoDirectory(objects)
  const recompute = async () => {
    const built = buildDirectory(applyStored(objects, (await store.readObjects()).objects))
    if ('directory' in built) directory = built.directory
  }
  store.onObjects(() => void recompute().catch(() => undefined))
  const tserver = createTServer({ store, directory: () => directory, clock, ids: seededIds(7), node: 'n1' })
  tserver.start()
  return {
    id: objects.id,
    directory: () => directory,
    store,
    tserver,
    reload(next) {
      objects = { ...next, id: objects.id }
      directory = demoDirectory(objects)
    },
  }
}

export function personID(centre: Centre, userName: string): PersonID {
  const person = centre.directory().personsByUserName.get(userName)
  if (!person) throw new Error(`no person ${userName}`)
  return person.id
}

/** `Authorization: Basic` of a lab user, whose password is the name unless one is given. */
export function basic(user: string, password = user.replace(/@.*/, '')): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

/** A client that sends its credentials with every request and keeps no cookie. */
export function client(app: FastifyInstance, user: string) {
  const send = async (options: InjectOptions): Promise<Answer> => {
    const reply = await app.inject({ ...options, headers: { ...basic(user), ...options.headers } })
    return { ...answerOf(reply), reply }
  }
  return {
    send,
    get: (path: string, headers = {}) => send({ method: 'GET', url: `/api/v2${path}`, headers }),
    post: (path: string, body: object, headers = {}) =>
      send({ method: 'POST', url: `/api/v2${path}`, payload: body, headers }),
    put: (path: string, body: object) => send({ method: 'PUT', url: `/api/v2${path}`, payload: body }),
    delete: (path: string) => send({ method: 'DELETE', url: `/api/v2${path}` }),
    start: () =>
      send({
        method: 'POST',
        url: '/api/v2/me',
        payload: { operationName: 'StartContactCenterSession', channels: ['voice'] },
      }),
  }
}

export interface Answer {
  http: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into JSON of every shape
  json: any
  reply: LightMyRequestResponse
}

/** The answer's HTTP status and body. Every answer must be JSON with an integer statusCode: SPEC WS-1. */
export function answerOf(reply: LightMyRequestResponse): Omit<Answer, 'reply'> {
  if (!/^application\/json(;|$)/.test(String(reply.headers['content-type'])))
    throw new Error(`answer is ${reply.headers['content-type']}: ${reply.body}`)
  const json = reply.json()
  if (!Number.isInteger(json.statusCode)) throw new Error(`no integer statusCode: ${reply.body}`)
  if (json.statusCode !== 0 && json.statusCode !== 7) {
    const keys = Object.keys(json).sort().join()
    if (keys !== 'statusCode,statusMessage') throw new Error(`a failure with other keys: ${reply.body}`)
  }
  return { http: reply.statusCode, json }
}
