import type { IncomingMessage, ServerResponse } from 'node:http'

/** What POST /publish takes: a text, and the private channels of those who shall see it. */
interface Publication {
  text: string
  channels: string[]
}

/** An event of the same shape as ours without its position, sender, time and id, which these servers do not have. */
const eventOf = (text: string) => ({
  messageType: 'IMLogUpdateMessage',
  notificationType: 'NewMessage',
  imSessionPath: '/im-sessions/00DHJ0KAG8F2H4SQ01234567890ABCDE',
  message: text,
})

/** Answers POST /publish: no store, no login, no check; as little as a server can do. */
export function onPublish(publish: (channel: string, data: object) => void) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (part: string) => {
      body += part
    })
    request.on('end', () => {
      const { text, channels } = JSON.parse(body) as Publication
      for (const channel of channels) publish(channel, eventOf(text))
      response.setHeader('Content-Type', 'application/json')
      response.end('{"statusCode":0}')
    })
  }
}

/** Tells the driver which port was taken. */
export function announce(server: import('node:http').Server): void {
  server.listen(0, '127.0.0.1', 4096, () => {
    const address = server.address()
    process.send?.({ port: typeof address === 'object' ? address?.port : undefined })
  })
}
