import type { OutgoingInvite, SipAnswer, SipDialog } from '@ringdown/signalling'
import { expect, test } from 'vitest'
import { firstAnswer } from './fork.ts'

type Answered = Awaited<OutgoingInvite['answered']>

function calls(count: number) {
  const said: string[] = []
  const settle: ((outcome: Answered) => void)[] = []
  const made = Array.from({ length: count }, (_each, i): OutgoingInvite => {
    const answered = new Promise<Answered>((resolve) => settle.push(resolve))
    return { onProgress: undefined, answered, cancel: () => said.push(`CANCEL ${i}`) }
  })
  const accept = (i: number) =>
    settle[i]?.({
      dialog: { id: `${i}`, bye: async () => said.push(`BYE ${i}`) } as unknown as SipDialog,
      sdp: new Uint8Array(),
    })
  const refuse = (i: number, status: number) => settle[i]?.({ refused: { status, reason: '' } as SipAnswer })
  return { made, said, accept, refuse }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('[LG-9] of two that answer at once the first has the call and the other is ended, not the first', async () => {
  const { made, said, accept } = calls(2)
  const outcome = firstAnswer(made)
  accept(0)
  accept(1)
  await turn()
  expect([await outcome, said]).toMatchObject([{ dialog: { id: '0' } }, ['CANCEL 1', 'BYE 1']])
})

test('[LG-9] one that declines for everybody ends the others, and its refusal is the one that counts', async () => {
  const { made, said, refuse } = calls(3)
  const outcome = firstAnswer(made)
  refuse(0, 408)
  refuse(1, 603)
  await turn()
  refuse(2, 487)
  expect([await outcome, said]).toMatchObject([{ refused: { status: 603 } }, ['CANCEL 0', 'CANCEL 2']])
})
