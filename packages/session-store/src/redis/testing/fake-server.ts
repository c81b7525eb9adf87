import { once } from 'node:events'
import net from 'node:net'

/** Something that answers as a Redis of a certain version does, as far as our scripts go: we have only one real version at hand. */
export interface FakeServer {
  url: string
  /** How many replicas have synced, as WAITAOF answers. */
  replicas: number
  stop(): Promise<void>
}

export async function serverOfVersion(version: string): Promise<FakeServer> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    let received = ''
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (data) => {
      received += data.toString('latin1')
      for (let found = takeCommand(received); found; found = takeCommand(received)) {
        received = received.slice(found.length)
        socket.write(answer(found.words, version, fake.replicas))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const fake: FakeServer = {
    url: `redis://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    replicas: 0,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return fake
}

function answer([name = '', ...args]: string[], version: string, replicas: number): string {
  switch (name.toUpperCase()) {
    case 'HELLO':
      return '%1\r\n+proto\r\n:3\r\n'
    case 'INFO':
      return bulk(`# Server\r\nredis_version:${version}\r\nrole:master\r\n`)
    case 'WAITAOF':
      return `*2\r\n:1\r\n:${replicas}\r\n`
    case 'EVALSHA':
      // attune.lua by its keys; else a commit of one change with one event.
      return args[3]?.endsWith(':memory')
        ? `*4\r\n${bulk('e')}:0\r\n${bulk('noeviction')}${bulk('master')}`
        : bulk('e 0 1')
    default:
      return '-ERR unknown command\r\n'
  }
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`
}

/** The first command, an array of bulk strings, if all of it is there. */
function takeCommand(text: string): { words: string[]; length: number } | undefined {
  const count = Number(/^\*(\d+)\r\n/.exec(text)?.[1])
  const words: string[] = []
  let at = text.indexOf('\r\n') + 2
  while (words.length < count) {
    const eol = text.indexOf('\r\n', at)
    if (eol < 0) return undefined
    const end = eol + 2 + Number(text.slice(at + 1, eol))
    words.push(text.slice(eol + 2, end))
    at = end + 2
  }
  return count > 0 && at <= text.length ? { words, length: at } : undefined
}
