import { once } from 'node:events'
import net from 'node:net'

/** Something that speaks RESP as a Redis of a certain version would, as far as INFO: we have only one real version at hand. */
export async function serverOfVersion(version: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const info = `# Server\r\nredis_version:${version}\r\nrun_id:0\r\n`
  const server = net.createServer((socket) => {
    let received = ''
    socket.on('error', () => {})
    socket.on('data', (data) => {
      received += data.toString('latin1')
      // One array of bulk strings after the other; only their names matter.
      for (let end = commandEnd(received); end > 0; end = commandEnd(received)) {
        const name = received.split('\r\n', 3)[2]?.toUpperCase()
        received = received.slice(end)
        if (name === 'HELLO') socket.write('%1\r\n+proto\r\n:3\r\n')
        else if (name === 'INFO') socket.write(`$${info.length}\r\n${info}\r\n`)
        else socket.write('-ERR unknown command\r\n')
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    stop: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

/** Where the first command ends, or -1 where it is not all there. */
function commandEnd(text: string): number {
  const count = Number(/^\*(\d+)\r\n/.exec(text)?.[1])
  let at = text.indexOf('\r\n') + 2
  for (let i = 0; i < count; i++) {
    const eol = text.indexOf('\r\n', at)
    if (eol < 0) return -1
    at = eol + 2 + Number(text.slice(at + 1, eol)) + 2
  }
  return count > 0 && at <= text.length ? at : -1
}
