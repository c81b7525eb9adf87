import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Failure } from './status.ts'

const reasons = new Map([
  ['HPE_HEADER_OVERFLOW', { line: '431 Request Header Fields Too Large', text: 'The headers are too large' }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { line: '408 Request Timeout', text: 'The request took too long' }],
])
const malformed = { line: '400 Bad Request', text: 'This is not HTTP' }

/** Answers bytes that Node could not read as a request, in the form of every other failure, and hangs up. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const { line, text } = reasons.get(error.code ?? '') ?? malformed
  answer(socket, line, { statusCode: 10, statusMessage: text })
}

/** Answers an upgrade that no facade takes. */
export function answerNoUpgrade(socket: Duplex): void {
  socket.on('error', () => undefined)
  answer(socket, '404 Not Found', { statusCode: 6, statusMessage: 'WebSocket is spoken at /api/v2/notifications' })
}

function answer(socket: Duplex, line: string, failure: Failure): void {
  const body = JSON.stringify(failure)
  const head = `HTTP/1.1 ${line}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}`
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`)
}
