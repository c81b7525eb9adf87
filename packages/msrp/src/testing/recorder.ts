import type { MsrpMessage, MsrpReport, SessionUser, Taken } from '../session/ports.ts'

/** A user that keeps what it is told, and takes every message unless told otherwise. */
export interface Recorder extends SessionUser {
  readonly messages: MsrpMessage[]
  readonly reports: MsrpReport[]
  readonly failures: string[]
  /** What the next messages are answered. */
  take: (message: MsrpMessage) => Taken | Promise<Taken>
  /** Resolves when so many messages, reports and failures in all have come. */
  seen(count: number): Promise<void>
}

/** Makes one. */
export function recorder(): Recorder {
  const waiting: { count: number; done: () => void }[] = []
  const total = () => made.messages.length + made.reports.length + made.failures.length
  const told = () => {
    for (const { count, done } of waiting) if (total() >= count) done()
  }
  const made: Recorder = {
    messages: [],
    reports: [],
    failures: [],
    take: () => 'accepted',
    onMessage: async (message) => {
      made.messages.push(message)
      told()
      return made.take(message)
    },
    onReport: (report) => {
      made.reports.push(report)
      told()
    },
    onFailed: (why) => {
      made.failures.push(why)
      told()
    },
    seen: (count) =>
      new Promise((done) => {
        waiting.push({ count, done })
        told()
      }),
  }
  return made
}
