/** A place in a person's feed as clients see it: `<epoch>:<offset>`. All events up to the offset are behind it. */
export interface Position {
  epoch: string
  offset: number
}

export function printPosition(epoch: string, offset: number): string {
  return `${epoch}:${offset}`
}

/** Undefined where the text is no position. The offset is what follows the last colon. */
export function parsePosition(text: unknown): Position | undefined {
  if (typeof text !== 'string' || text.length > 100) return undefined
  const found = /^([\w.:-]+):(\d{1,12})$/.exec(text)
  return found ? { epoch: found[1] as string, offset: Number(found[2]) } : undefined
}

/** Offsets lie below this; the generation is counted above it. Both together stay below 2^53, which clients keep exactly. */
const generationUnit = 2 ** 40
const lastGeneration = 8_191

/**
 * The batch number of the ack extension: the feed offset up to which the batch goes, and above bit 40 the cursor's generation.
 * SPEC CD-21: the generation is 0, and the number the plain offset, unless a subscription has reached back behind what was sent.
 */
export function printBatch(generation: number, offset: number): number {
  return generation * generationUnit + offset
}

/** Undefined where a client sends no number that could have been ours. `-1` and `0`, from which clients start, are 0. */
export function parseBatch(batch: unknown): { generation: number; offset: number } | undefined {
  if (typeof batch !== 'number' || !Number.isSafeInteger(batch)) return undefined
  if (batch <= 0) return { generation: 0, offset: 0 }
  const generation = Math.floor(batch / generationUnit)
  return generation > lastGeneration ? undefined : { generation, offset: batch % generationUnit }
}

/** Whether the generation can still be raised. */
export function canRaise(generation: number): boolean {
  return generation < lastGeneration
}
