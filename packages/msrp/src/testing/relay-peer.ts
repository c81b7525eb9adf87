import { createHash } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { firstUri, type Head, headerOf, type RequestHead } from '../message/frame.ts'
import { FrameParser } from '../message/parse.ts'
import { printRequest, printResponse } from '../message/print.ts'

/** A small MSRP relay, RFC 4976: one user, no chunk larger than memory, and nothing is ever refreshed. */
export interface RelayPeer {
  readonly uri: string
  readonly user: string
  readonly password: string
  /** Frames it has forwarded. */
  readonly forwarded: number
  close(): Promise<void>
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex')

/** Starts one on a free port of loopback. */
export async function relayPeer(): Promise<RelayPeer> {
  const [user, password, realm, nonce] = ['ann', 'secret', 'relay', 'nonce1']
  const byToken = new Map<string, Socket>()
  const sockets = new Set<Socket>()
  let forwarded = 0
  let tokens = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    let head: Head | undefined
    let body: Buffer[] = []
    const parser = new FrameParser({
      onHead: (next) => {
        head = next
        body = []
      },
      onBody: (piece) => body.push(Buffer.from(piece)),
      onEnd: (flag) => {
        if (head?.kind !== 'request') return
        if (head.method === 'AUTH') authorise(head, socket)
        else forward(head, Buffer.concat(body), flag, socket)
      },
      onFault: () => socket.destroy(),
    })
    socket.on('data', (bytes: Buffer) => parser.push(bytes))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the relay does not listen')
  const host = `127.0.0.1:${address.port}`

  function reply(head: RequestHead, socket: Socket, status: number, comment: string, ...headers: string[]): void {
    const toPath = head.method === 'SEND' ? firstUri(head.fromPath) : head.fromPath
    const response = printResponse({
      tid: head.tid,
      status,
      comment,
      toPath,
      fromPath: firstUri(head.toPath),
    }).toString()
    socket.write(response.replace('-------', [...headers, '-------'].join('\r\n')))
  }

  function authorise(head: RequestHead, socket: Socket): void {
    const given = headerOf(head, 'authorization') ?? ''
    const value = (name: string) => new RegExp(`\\b${name}="?([^",]*)"?`).exec(given)?.[1] ?? ''
    const digest = (method: string) =>
      md5(
        [
          md5(`${user}:${realm}:${password}`),
          nonce,
          value('nc'),
          value('cnonce'),
          'auth',
          md5(`${method}:${head.toPath}`),
        ].join(':'),
      )
    if (value('response') !== digest('AUTH')) {
      reply(
        head,
        socket,
        401,
        'Unauthorized',
        `WWW-Authenticate: Digest realm="${realm}", nonce="${nonce}", qop="auth"`,
      )
      return
    }
    const token = `token${++tokens}`
    byToken.set(token, socket)
    const proof = `Authentication-Info: qop=auth, nc=${value('nc')}, cnonce="${value('cnonce')}", rspauth="${digest('')}"`
    reply(head, socket, 200, 'OK', `Use-Path: msrp://${host}/${token};tcp`, 'Expires: 600', proof)
  }

  function forward(head: RequestHead, body: Buffer, flag: '$' | '+' | '#', socket: Socket): void {
    const [mine = '', ...onward] = head.toPath.split(' ')
    const next = onward[0]?.startsWith(`msrp://${host}/`) ? onward.shift() : undefined
    const fromPath = [next, mine, head.fromPath].filter((uri) => uri !== undefined).join(' ')
    const token = /\/(token\d+);/.exec(onward.length > 0 && next === undefined ? mine : (next ?? mine))?.[1] ?? ''
    const target = byToken.get(token)
    if (!target || onward.length === 0) return void socket.destroy()
    if (head.method === 'SEND' && headerOf(head, 'failure-report') === undefined) reply(head, socket, 200, 'OK')
    forwarded++
    const type = headerOf(head, 'content-type')
    const headers = head.headers.filter(([name]) => !['to-path', 'from-path', 'content-type'].includes(name))
    target.write(
      printRequest({
        ...{ tid: `relayed${forwarded}`, method: head.method, toPath: onward.join(' '), fromPath, headers, flag },
        ...(head.hasBody && type !== undefined && { content: { type, body } }),
      }),
    )
  }

  return {
    uri: `msrp://${user}@${host};tcp`,
    user,
    password,
    get forwarded() {
      return forwarded
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((done) => void server.close(() => done()))
    },
  }
}
