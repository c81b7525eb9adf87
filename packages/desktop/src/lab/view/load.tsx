import { useState } from 'preact/hooks'
import type { LoadRun, LoadWanted } from '../contract.ts'
import type { Lab } from '../model/lab.ts'
import { isRunning, type LoadForm, loadBounds, readLoad, usualLoad } from '../model/load.ts'
import { useLabText, useTell } from './context.ts'
import { LongPage } from './head.tsx'
import { Fact } from './nodes.tsx'
import { momentText, numberText } from './when.ts'

export function LoadPage({ lab }: { lab: Lab }) {
  const say = useLabText()
  const runs = lab.loadRuns ?? []
  return (
    <LongPage title={say('page.load')} lead={say('load.lead')}>
      <Form busy={lab.busy.has('startRun')} running={runs.some(isRunning)} />
      <h2>{say('load.runs')}</h2>
      {lab.loadRuns?.length === 0 && <p>{say('load.none')}</p>}
      <ul class="cards">
        {runs.map((run) => (
          <Run key={run.id} run={run} busy={lab.busy.has('stopRun')} />
        ))}
      </ul>
    </LongPage>
  )
}

const fields = Object.keys(loadBounds) as (keyof LoadWanted)[]

function Form({ busy, running }: { busy: boolean; running: boolean }) {
  const say = useLabText()
  const tell = useTell()
  const [form, setForm] = useState<LoadForm>(usualLoad)
  const reading = readLoad(form)
  const wrong = 'wrong' in reading ? reading.wrong : []
  const submit = (event: Event) => {
    event.preventDefault()
    if ('wanted' in reading) tell({ input: 'startRun', wanted: reading.wanted })
  }
  return (
    <form class="load-form" onSubmit={submit} noValidate>
      {fields.map((name) => {
        const [least, most] = loadBounds[name]
        const isWrong = wrong.includes(name)
        return (
          <label class="field" key={name}>
            <span>{say(`load.${name}`)}</span>
            <input
              inputMode="numeric"
              value={form[name]}
              aria-invalid={isWrong}
              aria-describedby={`bounds-${name}`}
              onInput={(event) => setForm({ ...form, [name]: event.currentTarget.value })}
            />
            <span class={isWrong ? 'warned small' : 'small'} id={`bounds-${name}`}>
              {say(isWrong ? 'load.wrong' : 'load.bounds', { least, most })}
            </span>
          </label>
        )
      })}
      <button type="submit" class="primary" disabled={busy || running || wrong.length > 0}>
        {say(running ? 'load.running' : 'load.start')}
      </button>
    </form>
  )
}

function Run({ run, busy }: { run: LoadRun; busy: boolean }) {
  const say = useLabText()
  const tell = useTell()
  const { id, wanted, by, started, state, progress, accepted, delivered, lost, latency, problem } = run
  const print = (value: number | null) => (value === null ? '–' : numberText(value, say.locale))
  return (
    <li class="node-card">
      <h3>
        <span
          class={`dot ${isRunning(run) ? 'Talking' : state === 'failed' ? 'inSession' : 'Offline'}`}
          aria-hidden="true"
        />
        {say(`load.state.${state}`)}
        {isRunning(run) && (
          <button type="button" class="danger" disabled={busy} onClick={() => tell({ input: 'stopRun', id })}>
            {say('load.stop')}
          </button>
        )}
      </h3>
      {isRunning(run) && <progress value={progress} max={1} aria-label={say('load.progress')} />}
      <p>{say('load.wanted', { ...wanted })}</p>
      <p class="small">{say('load.by', { name: by, time: momentText(started, say.locale) })}</p>
      {problem !== undefined && <p class="warned">{problem}</p>}
      <dl class="facts">
        <Fact name={say('load.accepted')} value={print(accepted)} />
        <Fact name={say('load.delivered')} value={print(delivered)} />
        <Fact name={say('load.lost')} value={print(lost)} />
        <Fact name={say('load.latency')} value={[latency.p50, latency.p99, latency.max].map(print).join(' / ')} />
      </dl>
    </li>
  )
}
