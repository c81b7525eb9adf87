import { ApiError } from './status.ts'

// The literal name for IM is not documented (web-services-api §4.3); it rides on the voice DN under any of these.
const served = new Set(['voice', 'im', 'imsession', 'im session', 'im-session'])

/** Whether a channel is one that IM rides on. */
export function servesChannel(channel: string): boolean {
  return served.has(channel.toLowerCase())
}

/** SPEC WS-21: unknown channels fail by themselves; if all do, the request does. None named means voice. */
export function channelsOf(channels: readonly string[]): { started: string[]; failed: string[] } {
  const failed = channels.filter((channel) => !servesChannel(channel))
  if (channels.length > 0 && failed.length === channels.length)
    throw new ApiError(10, `channels: ${failed.join(', ')} is not served here; use voice`)
  return { started: channels.filter((channel) => !failed.includes(channel)), failed }
}

/** The answer where some channels could not be started, web-services-api §1.4. */
export function partly(started: readonly string[], failed: readonly string[]) {
  return {
    statusCode: 7 as const,
    statusMessage: `Not started: ${failed.join(', ')}`,
    channels: [
      ...started.map((channel) => ({ channel, statusCode: 0 })),
      ...failed.map((channel) => ({ channel, statusCode: 10, statusMessage: 'This channel is not served here' })),
    ],
  }
}
