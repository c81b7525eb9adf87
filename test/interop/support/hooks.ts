import { afterEach } from 'vitest'
import type { Lab } from './lab.ts'

/** After each test of a file its agents are in no session, and what the nodes said of a failure is shown. */
export function betweenTests(lab: () => Lab): void {
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(`What the nodes said:\n${lab().said}`)
    await Promise.all(lab().agents.map((agent) => agent.clears()))
  })
}
