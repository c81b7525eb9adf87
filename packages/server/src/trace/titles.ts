import type { TracedDelivery, TracedRequest } from '@ringdown/facade'
import { frameHeader, type TracedFrame } from './msrp-frames.ts'
import { tagName, xmlTokens } from './xml-tokens.ts'

/** `INVITE sip:8001@demo`, or `200 OK (INVITE)`. */
export function titleOfSip(message: string): string {
  const line = message.slice(0, Math.max(0, message.indexOf('\r\n')))
  const response = /^SIP\/2\.0 (.*)$/.exec(line)
  if (!response) return short(line.replace(/ SIP\/2\.0$/, ''))
  const method = /^cseq[ \t]*:[ \t]*\d+[ \t]+(\S+)/im.exec(message)?.[1]
  return short(`${response[1]} (${method ?? '?'})`)
}

/** `SEND text/plain 1-5/5 $`, or `200 OK`. */
export function titleOfFrame(frame: TracedFrame): string {
  const { method } = frame
  if (/^\d/.test(method)) return short(method)
  const status = frameHeader(frame, 'status')
  const flag = frame.tail.at(-3) ?? ''
  const words = [method, frameHeader(frame, 'content-type')?.split(';', 1)[0], frameHeader(frame, 'byte-range'), status]
  return short([...words, flag].filter((word) => word !== undefined && word !== '').join(' '))
}

/** `POST SendMessage → 200`: by what it does where it says so. */
export function titleOfRequest({ tongue, method, path, request, status }: TracedRequest): string {
  const name = tongue === 'rest' ? operationOf(request) : requestsIn(request)
  return short(`${method} ${name ?? path.split('/').at(-1)} → ${status}`)
}

function operationOf(body: unknown): string | undefined {
  const name = (body as { operationName?: unknown } | null | undefined)?.operationName
  return typeof name === 'string' && /^\w{1,40}$/.test(name) ? name : undefined
}

/** UC AJAX elements that only hold what is done. */
const wrappers = new Set(['cwarequests', 'cwaresponses', 'cwaevents', 'conference'])

/** Names of what is done, in order, each once. */
function requestsIn(xml: unknown): string | undefined {
  const text = xml instanceof Uint8Array ? Buffer.from(xml).toString('utf8') : String(xml ?? '')
  const found = new Set<string>()
  const open: string[] = []
  for (const { kind, text: tag } of xmlTokens(text)) {
    if (kind !== 'tag') continue
    const name = tagName(tag)
    if (tag[1] === '/') open.pop()
    else {
      const parent = open.at(-1)
      const isDone = parent !== undefined && wrappers.has(parent) && !wrappers.has(name.toLowerCase())
      if (isDone && /^\w{1,40}$/.test(name) && found.size < mostNames) found.add(name)
      if (!tag.endsWith('/>')) open.push(name.toLowerCase())
    }
  }
  return found.size > 0 ? [...found].join(', ') : undefined
}

/** A title has room for no more. */
const mostNames = 10

/** `IMLogUpdateMessage NewMessage`, or the events in a UC AJAX poll's answer. */
export function titleOfDelivery({ tongue, content }: TracedDelivery): string {
  if (tongue === 'ucajax') return short(requestsIn(content) ?? 'events')
  const type = /"messageType":"(\w+)"/.exec(content)?.[1]
  const what = /"notificationType":"(\w+)"/.exec(content)?.[1]
  return short([type, what].filter((word) => word !== undefined).join(' '))
}

/** A title is one line. */
function short(title: string): string {
  const line = title.replace(/[^\x20-\x7e→]/g, ' ')
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}
