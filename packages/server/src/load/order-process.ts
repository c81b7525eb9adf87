import { fork } from 'node:child_process'

/** A process of ours that was given an order. */
export interface OrderedProcess<Message> {
  /** Says something more; a process that is gone hears nothing, and has said so by its end. */
  send(message: Message): void
  kill(): void
  /** How it ended, in words, with the end of what it said on its standard error. */
  ended: Promise<{ how: string; said: string }>
}

const longestWords = 2_000

/** Starts a program with an order. The order goes over IPC: arguments and environment can be read by others. SPEC LD-12, LR-3. */
export function startOrdered<Message extends object, Report>(
  program: string,
  execArgv: readonly string[],
  order: Message,
  onReport: (report: Report) => void,
): OrderedProcess<Message> {
  const child = fork(program, [], { env: {}, execArgv: [...execArgv], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const ended = Promise.withResolvers<{ how: string; said: string }>()
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (words: string) => {
    said = (said + words).slice(-longestWords)
  })
  const send = (message: Message) => {
    if (child.connected) child.send(message, () => undefined)
  }
  child.on('message', (report) => onReport(report as Report))
  child.on('error', (error) => ended.resolve({ how: error.message, said }))
  child.on('close', (code, signal) => ended.resolve({ how: signal ?? `exit code ${code}`, said }))
  send(order)
  return {
    send,
    kill: () => {
      child.kill('SIGKILL')
    },
    ended: ended.promise,
  }
}
