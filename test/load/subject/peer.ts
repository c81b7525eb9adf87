import { fileURLToPath } from 'node:url'
import type { Subject } from '../protocol.ts'
import type { RunningSubject } from './subject.ts'
import { startNode } from './subject.ts'

const programs = {
  faye: new URL('../peers/faye.ts', import.meta.url),
  'cometd-nodejs-server': new URL('../peers/cometd.ts', import.meta.url),
}

/** Starts one of the servers we compare ourselves with. */
export async function startPeer(subject: Exclude<Subject, 'ringdown'>): Promise<RunningSubject> {
  const child = startNode(fileURLToPath(programs[subject]), [])
  const port = await new Promise<number>((resolve, reject) => {
    child.process.on('message', (message: { port?: number }) => {
      if (message.port !== undefined) resolve(message.port)
    })
    child.process.once('exit', () => reject(new Error(`${subject} ended at once:\n${child.output()}`)))
  })
  return {
    target: { subject, ports: [port], serverPids: [child.pid] },
    probes: [child.probe],
    output: child.output,
    stop: child.stop,
  }
}
