import { isOwn, type SessionView, shown, type TextMessage } from '@ringdown/client'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Desktop } from '../model/desktop.ts'
import { isWhole } from '../model/link.ts'
import type { Waiting } from '../model/outbox.ts'
import { nameOf } from '../model/people.ts'
import { useAct } from './act.ts'
import { dayOf, timeOf } from './format.ts'
import { Check, Checks, Clock, Down, Warning } from './icons.tsx'
import { useText } from './text.ts'

/** So many pixels above the end still count as being there. */
const nearPx = 60

/** What was said, in its order, with what waits below it. New texts are read out; the view follows them while it is at the end. */
export function Transcript({ desktop, session }: { desktop: Desktop; session: SessionView }) {
  const say = useText()
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const [below, setBelow] = useState(false)
  const waiting = desktop.outbox.filter(({ sessionId }) => sessionId === session.id)
  const amount = session.lines.length + waiting.length
  const toEnd = () => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight
  }
  // For every text that comes, and for nothing else.
  useLayoutEffect(() => {
    if (atEnd.current) toEnd()
    else setBelow(true)
  }, [amount, session.composing !== null])
  useEffect(() => {
    const element = box.current
    if (!element) return
    // A smaller window, or a larger field to write in, must not hide the last text.
    const sizes = new ResizeObserver(() => {
      if (atEnd.current) toEnd()
    })
    sizes.observe(element)
    return () => sizes.disconnect()
  }, [])
  const onScroll = () => {
    const element = box.current
    if (!element) return
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearPx
    if (atEnd.current) setBelow(false)
  }
  const name = nameOf(desktop, session.peer)
  const { lines, receipts, peer } = session
  // Thousands of lines are not drawn anew for each key that is pressed.
  const rows = useMemo(() => <Rows session={session} name={name} />, [lines, receipts, peer, name])
  return (
    <div class="transcript-frame">
      <div
        class="transcript"
        role="log"
        aria-label={say('session.with', { name })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has only a keyboard scrolls it with the arrow keys
        tabIndex={0}
        ref={box}
        onScroll={onScroll}
      >
        {amount === 0 && <p class="nothing-said">{say('session.empty')}</p>}
        {rows}
        {waiting.map((one) => (
          <WaitingText key={one.messageId} waiting={one} live={isWhole(desktop.link)} />
        ))}
        {session.composing !== null && <p class="typing">{say('session.typing', { name })}</p>}
      </div>
      {below && (
        <button type="button" class="to-end" onClick={toEnd}>
          <Down />
          {say('session.bottom')}
        </button>
      )}
    </div>
  )
}

/** Also the texts of a session of the past, of which nobody knows any more whether they were seen. */
export function Rows({ session, name, past = false }: { session: SessionView; name: string; past?: boolean }) {
  const say = useText()
  const { locale } = say
  let day = ''
  let from: boolean | undefined
  return (
    <>
      {shown(session).map((row) => {
        if ('older' in row)
          return (
            <p class="hole" key="older">
              {say('session.older')}
            </p>
          )
        if ('first' in row)
          return (
            <p class="hole" key={`hole ${row.first}`}>
              <Warning />
              {say('session.hole', { count: row.last - row.first + 1 })}
            </p>
          )
        const own = isOwn(session, row)
        const newDay = dayOf(row.timestamp, locale)
        const newSender = own !== from || newDay !== day
        const head = newDay !== day && <p class="day">{newDay}</p>
        day = newDay
        from = own
        return (
          <div key={row.messageId} class="row">
            {head}
            <Text
              line={row}
              own={own}
              name={newSender ? (own ? say('text.you') : name) : null}
              session={session}
              past={past}
            />
          </div>
        )
      })}
    </>
  )
}

function Text(props: { line: TextMessage; own: boolean; name: string | null; session: SessionView; past: boolean }) {
  const { line, own, name, session, past } = props
  const say = useText()
  return (
    <div class={own ? 'text own' : 'text'}>
      <p class={name === null ? 'text-head away' : 'text-head'}>{name ?? (own ? say('text.you') : '')}</p>
      <p class="bubble" dir="auto">
        {line.message}
      </p>
      <p class="text-foot">
        <time dateTime={line.timestamp}>{timeOf(line.timestamp, say.locale)}</time>
        {own && !past && <Delivery receipt={session.receipts.get(line.messageId)} />}
      </p>
    </div>
  )
}

function Delivery({ receipt }: { receipt: 'delivered' | 'displayed' | 'failed' | undefined }) {
  const say = useText()
  const state = receipt ?? 'accepted'
  return (
    <span class={`delivery ${state}`}>
      {state === 'failed' ? <Warning /> : state === 'accepted' ? <Check /> : <Checks />}
      {say(`text.${state}`)}
    </span>
  )
}

function WaitingText({ waiting, live }: { waiting: Waiting; live: boolean }) {
  const say = useText()
  const { tell } = useAct()
  const { messageId, text, state, problem } = waiting
  return (
    <div class="row">
      <div class="text own not-yet">
        <p class="bubble" dir="auto">
          {text}
        </p>
        {state === 'refused' ? (
          <div class="refused">
            <p>
              <Warning />
              {say('text.refused')}
              {problem && `: ${say(`problem.${problem.kind}`)}`}
            </p>
            <button type="button" class="quiet" onClick={() => tell({ input: 'sendAgain', messageId })}>
              {say('text.again')}
            </button>
            <button type="button" class="quiet" onClick={() => tell({ input: 'discard', messageId })}>
              {say('text.discard')}
            </button>
          </div>
        ) : (
          <p class="text-foot">
            <Clock />
            {say(state === 'sending' && live ? 'text.sending' : 'text.waiting')}
          </p>
        )}
      </div>
    </div>
  )
}
