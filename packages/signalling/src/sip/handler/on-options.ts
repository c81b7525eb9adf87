import type { Directory } from '../../tserver/directory.ts'
import type { DNumber } from '../../tserver/ids.ts'
import type { HeaderLine, Reply } from '../message/message.ts'
import { parseUri } from '../message/uri.ts'
import type { IncomingRequest } from '../ports.ts'
import { type Authenticated, notOurs } from './authenticate.ts'

export interface OptionsDeps {
  readonly directory: () => Directory
  readonly authenticate: (incoming: IncomingRequest) => Promise<Authenticated>
  readonly isLocal: (host: string) => boolean
}

/** What may be asked of this server, for Allow. */
export const allowedMethods = 'INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO, MESSAGE, OPTIONS, REGISTER'

/** What this server can do. RFC 3261 §11.2. */
export const capabilities: readonly HeaderLine[] = [
  ['Allow', allowedMethods],
  ['Accept', 'application/sdp, text/plain, message/cpim, application/im-iscomposing+xml, message/imdn+xml'],
  ['Accept-Encoding', 'identity'],
  ['Accept-Language', 'en'],
  ['Supported', 'path, outbound, gruu, 100rel, timer'],
]

/** An OPTIONS outside dialogs: anybody may ask the server, which is how proxies see that it lives; after a user only who is known. SPEC SR-40. */
export const onOptions =
  ({ directory, authenticate, isLocal }: OptionsDeps) =>
  async (incoming: IncomingRequest): Promise<Reply> => {
    const refused = notOurs(incoming.request, isLocal)
    if (refused) return refused.reply
    const user = parseUri(incoming.request.uri)?.user
    if (user !== undefined) {
      const authenticated = await authenticate(incoming)
      if ('reply' in authenticated) return authenticated.reply
      if (!directory().dns.has(user as DNumber)) return { status: 404 }
    }
    return { status: 200, headers: capabilities }
  }
