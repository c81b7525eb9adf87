import type { Problem } from '../model/problem.ts'
import { Warning } from './icons.tsx'
import { useText } from './text.ts'

/** One sentence about what went wrong, and the server's own words where they tell more. */
export function ProblemText({ problem }: { problem: Problem }) {
  const say = useText()
  const { kind, detail } = problem
  return (
    <div class="problem">
      <Warning />
      <div>
        <p>{say(`problem.${kind}`)}</p>
        {detail !== undefined && (
          <p class="small">
            {kind === 'lostText' ? say('toast.text', { text: detail }) : say('toast.server', { detail })}
          </p>
        )}
      </div>
    </div>
  )
}
