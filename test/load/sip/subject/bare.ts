/** The floor under every SIP server on this runtime: its UDP socket, and the least that makes a 200 of a request. No parser, no transactions. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 })
socket.bind(0, '127.0.0.1')
await once(socket, 'listening')

/** SIPp writes Via to CSeq one after the other, and they are all an answer needs. */
socket.on('message', (bytes, { port, address }) => {
  const text = bytes.toString('latin1')
  const [from, to] = [text.indexOf('\r\nVia:'), text.indexOf('\r\nMax-Forwards:')]
  socket.send(
    Buffer.from(`SIP/2.0 200 OK${text.slice(from, to)}\r\nContent-Length: 0\r\n\r\n`, 'latin1'),
    port,
    address,
  )
})
process.send?.({ port: socket.address().port })
