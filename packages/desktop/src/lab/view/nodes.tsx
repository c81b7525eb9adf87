import type { LabNode, TraceState } from '../contract.ts'
import type { Lab } from '../model/lab.ts'
import { useLabText } from './context.ts'
import { discardText } from './discard.ts'
import { LongPage } from './head.tsx'
import { bytesText, clockText, momentText, numberText } from './when.ts'

export function NodesPage({ lab }: { lab: Lab }) {
  const say = useLabText()
  return (
    <LongPage title={say('page.nodes')} lead={say('nodes.lead')}>
      {lab.nodes === null && !lab.readProblem && <p role="status">{say('list.reading')}</p>}
      <ul class="cards">
        {lab.nodes?.map((node) => (
          <NodeCard key={node.name} node={node} />
        ))}
      </ul>
      {lab.trace && <Recording trace={lab.trace} />}
    </LongPage>
  )
}

function NodeCard({ node }: { node: LabNode }) {
  const say = useLabText()
  const { name, here, started, leaseUntil, version, legs, clients } = node
  const alive = leaseUntil > Date.now()
  const time = clockText(leaseUntil, say.locale)
  return (
    <li class="node-card">
      <h2>
        <span class={`dot ${alive ? 'Ready' : 'Offline'}`} aria-hidden="true" />
        {name}
        {here && <span class="badge">{say('nodes.here')}</span>}
      </h2>
      <dl class="facts">
        <Fact name={say('nodes.lease')} value={say(alive ? 'nodes.alive' : 'nodes.gone', { time })} />
        <Fact name={say('nodes.started')} value={momentText(started, say.locale)} />
        <Fact name={say('nodes.version')} value={version} />
        <Fact name={say('nodes.legs')} value={numberText(legs, say.locale)} />
        <Fact name={say('nodes.clients')} value={numberText(clients, say.locale)} />
      </dl>
    </li>
  )
}

function Recording({ trace }: { trace: TraceState }) {
  const say = useLabText()
  const { entries, bytes, limit, discarded } = trace
  const print = (count: number) => bytesText(count, say.locale)
  const text = say('trace.fill', { bytes: print(bytes), limit: print(limit), entries: numberText(entries, say.locale) })
  return (
    <section class="node-card">
      <h2>{say('trace.title')}</h2>
      <meter min={0} max={Math.max(1, limit)} value={bytes} aria-label={say('trace.title')} />
      <p>{text}</p>
      <dl class="facts">
        <Fact name={say('trace.discarded')} value={discardText(say, discarded) || say('trace.nothing')} />
      </dl>
    </section>
  )
}

export function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
