import type { Toast } from '../model/desktop.ts'
import { useAct } from './act.ts'
import { Close } from './icons.tsx'
import { ProblemText } from './problem-text.tsx'
import { useText } from './text.ts'

/** What went wrong beside the forms. It stays until it is dismissed: nobody has to read fast. */
export function Toasts({ toasts }: { toasts: readonly Toast[] }) {
  const say = useText()
  const { tell } = useAct()
  return (
    <section class="toasts" aria-label={say('toast.title')} role="alert">
      {toasts.map(({ id, problem }) => (
        <div class="toast" key={id}>
          <ProblemText problem={problem} />
          <button
            type="button"
            class="bare"
            aria-label={say('toast.dismiss')}
            onClick={() => tell({ input: 'dismiss', id })}
          >
            <Close />
          </button>
        </div>
      ))}
    </section>
  )
}
