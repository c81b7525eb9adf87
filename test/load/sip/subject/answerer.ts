/** A user agent on our stack: takes every MESSAGE and every call, and keeps calls until the caller hangs up. */
import { createSipStack, type SipDialog } from '@ringdown/signalling'
import { realClock } from '@ringdown/signalling/testing'
import { loopback, ready, tokens } from './parts.ts'

const dialogs = new Set<SipDialog>()
const sdp = Buffer.from(
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 2855 TCP/MSRP *\r\n' +
    'a=accept-types:text/plain\r\na=path:msrp://127.0.0.1:2855/load;tcp\r\n',
)

const stack = await createSipStack({
  transports: loopback,
  clock: realClock,
  tokens: tokens(),
  random: Math.random,
  onError: (error) => console.error(error),
  user: {
    onRequest: async ({ request }) => ({ status: request.method === 'MESSAGE' ? 200 : 405 }),
    onInvite: (invite) => {
      invite.accept(sdp).then(
        ({ dialog }) => {
          dialogs.add(dialog)
          dialog.user = {
            onOffer: async () => ({ status: 488 }),
            onRequest: async () => ({ status: 405 }),
            onEnd: () => dialogs.delete(dialog),
          }
        },
        (error) => console.error(error),
      )
    },
    onFlowClosed: () => {},
  },
})
ready(stack)
