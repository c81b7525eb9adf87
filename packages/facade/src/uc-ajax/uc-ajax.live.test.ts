import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { defaultFacadeOptions } from '../options.ts'
import { type LabSetUp, lab } from '../testing/lab.ts'

let closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.reverse()) await close()
  closing = []
})

/** One connection to a server of its own; `ask` sends bytes and gives the next answer as it came. */
async function dial(setUp: LabSetUp = {}) {
  const { app, close } = await lab(setUp)
  closing.push(close)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const socket: Socket = connect(port, '127.0.0.1')
  closing.push(async () => socket.destroy())
  await new Promise((resolve) => socket.once('connect', resolve))
  let text = ''
  let notify = () => {}
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
    notify()
  })
  const ask = async (request: string) => {
    socket.write(request)
    for (;;) {
      const end = text.indexOf('\r\n\r\n')
      const head = text.slice(0, Math.max(end, 0))
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? Number.NaN)
      if (end >= 0 && Buffer.byteLength(text.slice(end + 4)) >= length) {
        const body = Buffer.from(text.slice(end + 4))
          .subarray(0, length)
          .toString()
        text = text.slice(end + 4 + body.length)
        return { head, body, ticket: /^CWA-Ticket: (\S+)$/m.exec(head)?.[1] ?? '' }
      }
      await new Promise<void>((resolve) => {
        notify = resolve
      })
    }
  }
  const post = (path: string, body: string, headers = '') =>
    ask(
      `POST ${path} HTTP/1.1\r\nHost: im.example\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  return { ask, post, close }
}

const logon = '<cwaRequests><logon><user>anna</user><password>anna</password></logon></cwaRequests>'
const form = 'Accept: text/plain\r\nContent-Type: application/x-www-form-urlencoded\r\n'

describe('bytes of a client on one connection', () => {
  test('[UC-45, UC-46, UC-50] the header is spelt CWA-Ticket on every answer, to a form with XML in it and a doubled &&', async () => {
    const { ask, post } = await dial()
    const { head, ticket } = await post('/forms/logon.html', `<?xml version="1.0" encoding="utf-8"?>\n${logon}`, form)
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(head).toMatch(/^content-type: text\/xml; charset=utf-8$/im)
    expect(ticket).not.toBe('')
    const mine = `CWA-Ticket: ${ticket}\r\n`

    const opened = await post(
      '/cwa/MainCommandHandler.ashx',
      '<cwaRequests sid="0" xmlns="http://schemas.microsoft.com/2006/09/rtc/cwa"><initiateSession rid="1"/></cwaRequests>',
      form + mine,
    )
    expect(opened.ticket).toBe(ticket)
    const sid = /<sid>(\d+)<\/sid>/.exec(opened.body)?.[1]
    expect(opened.body).toMatch(
      /^<cwaResponses requestProcessed="1" unexpectedElement="0"><requestAccepted rid="1"><sid>\d+<\/sid><uri>sip:anna@demo<\/uri><pollWaitTime>3000<\/pollWaitTime><\/requestAccepted><\/cwaResponses>$/,
    )

    const poll = (query: string) =>
      ask(`GET /cwa/AsyncDataChannel.ashx?${query} HTTP/1.1\r\nHost: im.example\r\n${mine}\r\n`)
    const polled = await poll(`Sid=${sid}&&AckID=0&UA=false`)
    expect(polled.ticket).toBe(ticket)
    expect(polled.body).toMatch(/^<cwaEvents sid="\d+" ackId="2" /)
    const refused = await poll('Sid=1&AckID=0')
    expect(refused.head).toMatch(/^HTTP\/1\.1 404 /)
    expect(refused.ticket).toBe(ticket)
    const again = await poll(`Sid=${sid}&AckId=2&UA=true`)
    expect(again.body).toMatch(/^<cwaEvents sid="\d+" ackId="2" [^>]*\/>$/)
  })

  test('[UC-45] a refusal before the body is read leaves no bytes to be taken for a request', async () => {
    const { post } = await dial()
    const { head, body } = await post('/cwa/MainCommandHandler.ashx', '<cwaRequests/>', 'CWA-Ticket: forged\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 401 /)
    expect(body).toContain('<error code="18102"')
    expect((await post('/forms/logon.html', logon)).ticket).not.toBe('')
  })

  test('[SV-31] a node that closes answers the poll it holds and hangs up', async () => {
    const { ask, post, close } = await dial({ options: { ucAjax: { ...defaultFacadeOptions.ucAjax, holdMs: 30_000 } } })
    const mine = `CWA-Ticket: ${(await post('/forms/logon.html', logon)).ticket}\r\n`
    const open = '<cwaRequests><initiateSession rid="1"/></cwaRequests>'
    const sid = /<sid>(\d+)<\/sid>/.exec((await post('/cwa/MainCommandHandler.ashx', open, mine)).body)?.[1]
    const poll = (ackId: number) =>
      ask(`GET /cwa/AsyncDataChannel.ashx?Sid=${sid}&AckId=${ackId} HTTP/1.1\r\nHost: im.example\r\n${mine}\r\n`)
    expect((await poll(0)).body).toContain('ackId="2"')
    let answered = false
    const held = poll(2).finally(() => {
      answered = true
    })
    // Time enough for an answer that were not held: another server starts and is spoken to.
    const other = await dial()
    await other.post('/forms/logon.html', logon)
    expect(answered).toBe(false)
    await close()
    const { head, body } = await held
    expect(head).toMatch(/^connection: close$/im)
    expect(body).toMatch(/^<cwaEvents sid="\d+" ackId="2" [^>]*\/>$/)
  })
})
