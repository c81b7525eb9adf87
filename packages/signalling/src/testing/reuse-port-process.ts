/** A process of a test that shares a UDP port: told which, it listens there and answers every message with its own id. */
import { createTransports } from '../sip/transport/transports.ts'
import { realClock } from './live-transports.ts'

process.once('message', async (port: number) => {
  const transports = await createTransports({
    listen: [{ transport: 'udp', address: '127.0.0.1', port, reusePort: true }],
    user: {
      onMessage: (_message, flow) => flow.send(Buffer.from(`process ${process.pid}`)),
      onFault: () => {},
      onClosed: () => {},
    },
    clock: realClock,
  })
  process.send?.(transports.listening[0]?.port)
})
