import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'

/** The address of this machine from which a host is reached. Nothing is sent. Rejects where there is no way. */
export async function localAddressTo(host: string, port: number): Promise<string> {
  const { address, family } = await lookup(host)
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    const connected = once(socket, 'connect')
    socket.connect(port, address)
    await connected
    return socket.address().address
  } finally {
    socket.close()
  }
}
