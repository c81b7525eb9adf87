import { createHash } from 'node:crypto'

/** Where an entry of the webhooks' feed stands. */
export interface FeedPlace {
  epoch: string
  offset: number
}

/**
 * The id of a delivery: the same at every attempt and when it is sent again, another one for every webhook. It has no full stop, which
 * is what the signed parts are joined with.
 */
export function deliveryID(centre: string, webhook: string, { epoch, offset }: FeedPlace, gapFrom?: number): string {
  const whose = createHash('sha256').update(`${centre}\0${webhook}`).digest('hex').slice(0, 8)
  return `msg_${epoch}_${gapFrom === undefined ? '' : `${gapFrom}-`}${offset}_${whose}`
}

/** The place an id names; undefined where it is none of ours. */
export function placeOf(id: string): FeedPlace | undefined {
  const [, epoch, offset] = /^msg_([0-9A-Za-z]+)_(?:\d+-)?(\d{1,15})_[0-9a-f]{8}$/.exec(id) ?? []
  return epoch === undefined ? undefined : { epoch, offset: Number(offset) }
}
