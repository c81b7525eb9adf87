import type { Clock, Directory } from '@ringdown/signalling'
import { deliveryID } from './delivery-id.ts'
import type { Item } from './delivery-queue.ts'
import { gapPayload, payloadOf } from './payload.ts'
import type { Answer, Sender } from './sender.ts'
import { signed } from './signature.ts'
import type { Webhook } from './webhook.ts'

export interface AttemptDeps {
  sender: Pick<Sender, 'send'>
  onError: (error: unknown) => void
  centre: string
  webhook: Webhook
  directory: () => Directory
  clock: Clock
}

/** The id of a delivery; `epoch` is the feed's. */
export function idOf(
  { what, offset }: Item,
  epoch: string,
  { centre, webhook }: Pick<AttemptDeps, 'centre' | 'webhook'>,
): string {
  return 'gap' in what
    ? deliveryID(centre, webhook.name, { epoch: what.gap.epoch, offset }, what.gap.from)
    : deliveryID(centre, webhook.name, { epoch, offset })
}

/** The body of a delivery. Throws where an event holds what cannot be told, such as a time that is none. */
function bodyOf({ what, offset }: Item, id: string, { centre, webhook, directory, clock }: AttemptDeps): string {
  const payload =
    'gap' in what
      ? gapPayload({ ...what.gap, to: offset }, { id, centre, at: clock.now() })
      : payloadOf(what.type, what.entry, { id, centre, texts: webhook.texts, directory: directory() })
  return JSON.stringify(payload)
}

/** Sends a delivery once; never rejects. */
export async function attempt(item: Item, id: string, deps: AttemptDeps): Promise<Answer> {
  const { sender, webhook, clock, onError } = deps
  try {
    const body = bodyOf(item, id, deps)
    return await sender.send(signed(id, body, webhook.keys, clock.now()), body)
  } catch (error) {
    // Of one event; the others are told.
    onError(error)
    return { failure: 'event' }
  }
}
