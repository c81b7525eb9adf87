import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DeviceStateChange, Notification } from '@ringdown/client'
import type { FeedEvent } from '@ringdown/signalling'
import { type RunningServer, startServer } from '../compose.ts'
import { demoConfig, makeDemoPasswords } from '../config/demo-config.ts'
import { createLog } from '../log.ts'
import { type DemoAgent, demoAgent } from './demo-agent.ts'
import type { Io } from './io.ts'

/** What one step asks, and how many T-events and notifications it leads to. */
interface Step {
  who: 'anna' | 'ben'
  path: (callUUID: string) => string
  body: Readonly<Record<string, unknown>>
  events: number
  notifications: number
}

const session = (id: string) => `/me/im-sessions/${id}`
const start = (place: string) => ({ operationName: 'StartContactCenterSession', channels: ['voice'], place })
const text = (said: string) => ({ operationName: 'SendMessage', text: said })

// biome-ignore format: read it as a script
const script: readonly Step[] = [
  { who: 'anna', path: () => '/me', body: start('Place_7001'), events: 2, notifications: 1 },
  { who: 'ben',  path: () => '/me', body: start('Place_7002'), events: 2, notifications: 1 },
  { who: 'anna', path: () => '/me/im-sessions', events: 4, notifications: 4,
    body: { operationName: 'InitiateIMSession', destination: { phoneNumber: '7002' }, userData: { topic: 'order 66' } } },
  { who: 'anna', path: session, body: text('Hi Ben, can you take order 66?'), events: 2, notifications: 2 },
  { who: 'ben',  path: session, body: text('On it.'), events: 2, notifications: 2 },
  { who: 'ben',  path: session, body: { operationName: 'AttachUserData', userData: { owner: 'ben' } }, events: 2, notifications: 2 },
  { who: 'anna', path: session, body: { operationName: 'Complete' }, events: 2, notifications: 2 },
]

const stepDeadlineMs = 5_000

/** Two agents chat through REST and CometD on a server of their own; ends by itself. */
export async function demo(io: Io): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'ringdown-demo-'))
  const passwords = makeDemoPasswords()
  const load = () => demoConfig({ host: '127.0.0.1', port: 0, directory }, passwords)
  const loaded = load()
  if ('mistakes' in loaded) throw new Error('the demo configuration is wrong')
  try {
    const log = createLog('silent', 'demo')
    const server = await startServer({
      config: loaded.config,
      node: 'demo',
      log,
      load,
      format: ({ message }) => message,
    })
    try {
      await play(server, passwords, io)
    } finally {
      await server.stop()
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  return 0
}

async function play(server: RunningServer, passwords: Readonly<Record<string, string>>, io: Io): Promise<void> {
  const agents = new Map(['anna', 'ben'].map((who) => [who, demoAgent(server.address, who, passwords[who] ?? '')]))
  const seen: Seen = { events: [], notifications: [] }
  const unwatch = watchFeeds(server, seen)
  let callUUID = ''
  for (const agent of agents.values()) {
    await agent.listen((notification) => {
      if (notification.messageType === 'IMSessionStateChangeMessage') callUUID = notification.imSession.id
      seen.notifications.push(`${agent.userName.padEnd(4)} ${describeNotification(notification)}`)
    })
  }
  io.out(`Ringdown at ${server.address}: anna at DN 7001, ben at DN 7002`)
  io.out('')
  for (const line of columns([['REQUEST'], ['T-EVENT'], ['NOTIFICATION']])) io.out(line)
  for (const step of script) {
    const agent = agents.get(step.who)
    if (!agent) throw new Error(`nobody is called ${step.who}`)
    await act(agent, step, callUUID, seen)
    const request = [`${step.who.padEnd(4)} POST ${shorten(step.path(callUUID))}`, ...describeBody(step.body)]
    for (const line of columns([request, seen.events.splice(0), seen.notifications.splice(0)])) io.out(line)
  }
  unwatch()
  for (const agent of agents.values()) await agent.leave()
  io.out('')
  io.out('Done: every text was on disk before its sender was answered.')
}

interface Seen {
  events: string[]
  notifications: string[]
}

async function act(agent: DemoAgent, step: Step, callUUID: string, seen: Seen): Promise<void> {
  await agent.post(step.path(callUUID), step.body)
  const until = Date.now() + stepDeadlineMs
  while (seen.events.length < step.events || seen.notifications.length < step.notifications) {
    if (Date.now() > until) throw new Error(`${String(step.body.operationName)} did not lead to what it should`)
    await sleep(5)
  }
}

function watchFeeds({ centres }: RunningServer, seen: Seen): () => void {
  const stops = centres.flatMap((centre) =>
    [...centre.directory().persons.values()].map(({ id }) =>
      centre.store.watchFeed(
        id,
        (entries) => {
          for (const { event } of entries) seen.events.push(describeEvent(event))
        },
        () => {},
      ),
    ),
  )
  return () => {
    for (const stop of stops) stop()
  }
}

function describeEvent(event: FeedEvent): string {
  const own = 'thisDN' in event ? ` thisDN=${event.thisDN}` : ''
  const other = 'otherDN' in event ? ` otherDN=${event.otherDN}` : ''
  return `${event.event}${own}${other}`
}

function describeNotification(notification: Notification | DeviceStateChange): string {
  const kind = notification.messageType.replace(/Message$/, '')
  switch (notification.messageType) {
    case 'IMSessionStateChangeMessage': {
      const { notificationType, imSession } = notification
      const userData = notificationType === 'AttachedDataChanged' ? ` ${JSON.stringify(imSession.userData)}` : ''
      return `${kind} ${notificationType} ${imSession.state}${userData}`
    }
    case 'IMLogUpdateMessage':
      return `${kind} ${notification.notificationType} "${notification.message}"`
    case 'DeviceStateChangeMessage':
      return `${kind} ${notification.devices[0]?.userState.displayName ?? ''}`
    default:
      return `${kind} ${notification.notificationType}`
  }
}

function describeBody({ operationName, ...rest }: Readonly<Record<string, unknown>>): readonly string[] {
  return [`     ${String(operationName)}`, ...Object.values(rest).map((value) => `     ${JSON.stringify(value)}`)]
}

const shorten = (path: string) => path.replace(/[0-9A-V]{32}/, (id) => `${id.slice(0, 4)}…`)

const widths = [40, 50]

/** The lists beside each other, closed by a rule. */
function columns(lists: readonly (readonly string[])[]): readonly string[] {
  const height = Math.max(...lists.map((list) => list.length))
  const line = (i: number) => lists.map((list, column) => (list[i] ?? '').padEnd(widths[column] ?? 0)).join(' │ ')
  const rule = [...widths, 60].map((width) => '─'.repeat(width)).join('─┼─')
  return [...Array.from({ length: height }, (_, i) => line(i).trimEnd()), rule]
}
