import { useMemo } from 'preact/hooks'
import { useAct } from '../../view/act.ts'
import type { ChartData, Series } from '../model/charts.ts'
import { chartsOf, summaryOf } from '../model/charts.ts'
import type { Lab } from '../model/lab.ts'
import { type SayLab, useLabText } from './context.ts'
import { LongPage } from './head.tsx'
import { dashes, Plot } from './plot.tsx'
import { numberText } from './when.ts'

/** The last hour in lines. */
export function ChartsPage({ lab }: { lab: Lab }) {
  const say = useLabText()
  const charts = useMemo(() => chartsOf(lab.samples), [lab.samples])
  return (
    <LongPage title={say('page.charts')} lead={say('charts.lead')}>
      {lab.samples.length === 0 && !lab.readProblem && <p role="status">{say('charts.none')}</p>}
      <div class="charts">{lab.samples.length > 0 && charts.map((data) => <Chart key={data.chart} data={data} />)}</div>
    </LongPage>
  )
}

/** A chart, and in words what it shows: for who does not see it, and for who wants the number. */
function Chart({ data }: { data: ChartData }) {
  const say = useLabText()
  const { settings } = useAct()
  return (
    <figure class="chart">
      <figcaption>
        <h2>{say(`charts.${data.chart}`)}</h2>
        {data.series.length === 0 && <p class="small">{say('charts.nothing')}</p>}
        <ul>
          {data.series.map((series, i) => (
            <li key={series.name} class="small">
              <svg class={`line-sample line-${i}`} viewBox="0 0 28 6" aria-hidden="true" focusable="false">
                <line x1="0" y1="3" x2="28" y2="3" stroke-dasharray={dashes[i]?.join(' ')} />
              </svg>
              {valuesText(say, series)}
            </li>
          ))}
        </ul>
      </figcaption>
      {data.series.length > 0 && <Plot data={data} locale={say.locale} theme={settings.theme} />}
    </figure>
  )
}

const ownNames = ['talking', 'dialing', 'texts', 'p50', 'p99', 'cpu', 'memory', 'rest'] as const

function valuesText(say: SayLab, series: Series): string {
  const { latest, greatest } = summaryOf(series)
  const print = (value: number | null) => (value === null ? say('charts.unknown') : numberText(value, say.locale))
  const own = ownNames.find((name) => name === series.name)
  const name = own ? say(`charts.series.${own}`) : series.name
  return say('charts.values', { name, latest: print(latest), greatest: print(greatest) })
}
