import { childText, escapeXml, readXml, type XmlElement } from './xml.ts'

/** The Content-Type of RFC 5438. */
export const imdnType = 'message/imdn+xml'

/** The namespace of the headers of message/cpim that ask for notifications. RFC 5438 §6. */
export const imdnHeaders = 'urn:ietf:params:imdn'

const namespace = 'urn:ietf:params:xml:ns:imdn'

/** What became of a message, RFC 5438 §11.1. */
// biome-ignore format: read it as a table
export const dispositions = {
  delivery:   ['delivered', 'failed', 'forbidden', 'error'],
  processing: ['processed', 'stored', 'forbidden', 'error'],
  display:    ['displayed', 'forbidden', 'error'],
} as const

type Dispositions = typeof dispositions
/** One of them: a status belongs to its kind. */
export type Disposition = {
  [kind in keyof Dispositions]: { readonly kind: kind; readonly status: Dispositions[kind][number] }
}[keyof Dispositions]

/** A notification about one message. */
export interface Imdn {
  /** The `imdn.Message-ID` of the message. */
  readonly messageID: string
  /** The message's DateTime. */
  readonly dateTime: string
  readonly recipientUri?: string
  readonly originalRecipientUri?: string
  readonly disposition: Disposition
}

/** Reads the document; undefined where it is none, or tells of no disposition RFC 5438 knows. */
export function parseImdn(body: Uint8Array): Imdn | undefined {
  const root = readXml(body)
  if (root?.name !== 'imdn' || root.namespace !== namespace) return undefined
  const messageID = childText(root, 'message-id')
  const dateTime = childText(root, 'datetime')
  const disposition = dispositionOf(root)
  if (!messageID || dateTime === undefined || !disposition) return undefined
  const recipientUri = childText(root, 'recipient-uri')
  const originalRecipientUri = childText(root, 'original-recipient-uri')
  return {
    messageID,
    dateTime,
    ...(recipientUri !== undefined && { recipientUri }),
    ...(originalRecipientUri !== undefined && { originalRecipientUri }),
    disposition,
  }
}

/** The document. */
export function printImdn({ messageID, dateTime, recipientUri, originalRecipientUri, disposition }: Imdn): Uint8Array {
  const element = (name: string, text: string | undefined) =>
    text === undefined ? '' : `<${name}>${escapeXml(text)}</${name}>`
  const { kind, status } = disposition
  return new TextEncoder().encode(
    `<?xml version="1.0" encoding="UTF-8"?>\r\n<imdn xmlns="${namespace}">` +
      `${element('message-id', messageID)}${element('datetime', dateTime)}${element('recipient-uri', recipientUri)}` +
      `${element('original-recipient-uri', originalRecipientUri)}` +
      `<${kind}-notification><status><${status}/></status></${kind}-notification></imdn>`,
  )
}

function dispositionOf(root: XmlElement): Disposition | undefined {
  for (const kind of ['delivery', 'processing', 'display'] as const) {
    const notification = root.children.find(({ name }) => name === `${kind}-notification`)
    const status = notification?.children.find(({ name }) => name === 'status')?.children[0]?.name
    const known = (dispositions[kind] as readonly string[]).find((one) => one === status)
    if (known !== undefined) return { kind, status: known } as Disposition
  }
  return undefined
}
