import { useEffect, useRef } from 'preact/hooks'
import { Bin, Close, Warning } from '../../view/icons.tsx'
import {
  type AnnexEdit,
  type AnnexRemark,
  isChanged,
  knownOptions,
  type OptionLine,
  remarksOn,
} from '../model/annex.ts'
import type { Lab } from '../model/lab.ts'
import type { LabPage } from '../model/page.ts'
import { useLabText, useTell } from './context.ts'

interface EditorProps {
  lab: Lab
  edit: AnnexEdit
  page: LabPage & { page: 'dns' }
}

/** The Annex of one DN, with what is wrong with it before it is saved. */
export function AnnexEditor({ lab, edit, page }: EditorProps) {
  const say = useLabText()
  const tell = useTell()
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus(), [])
  const remarks = remarksOn(edit)
  const changed = isChanged(edit)
  const wrong = remarks.some(({ level }) => level === 'problem')
  const busy = lab.busy.has('saveAnnex')
  const dn = lab.lists.dns.pieces.flatMap(({ items }) => items).find(({ number }) => number === edit.number)
  const submit = (event: Event) => {
    event.preventDefault()
    tell({ input: 'saveAnnex' })
  }
  return (
    <aside class="side" aria-labelledby="annex-title">
      <header class="side-head">
        <h2 id="annex-title" tabIndex={-1} ref={title}>
          {say('annex.title', { number: edit.number })}
        </h2>
        <button
          type="button"
          class="bare"
          aria-label={say('annex.close')}
          onClick={() => tell({ input: 'turnTo', page: { ...page, dn: null } })}
        >
          <Close />
        </button>
      </header>
      {edit.dbid === null ? (
        <p role="status">{say('annex.reading')}</p>
      ) : (
        <form class="annex" onSubmit={submit} aria-busy={busy}>
          <p class="small">{say('annex.lead')}</p>
          {edit.lines.map((line) => (
            <Line key={line.key} line={line} remarks={remarks.filter((remark) => remark.line === line.key)} />
          ))}
          <datalist id="known-options">
            {[...knownOptions.keys()].map((option) => (
              <option key={option} value={option} />
            ))}
          </datalist>
          <button type="button" class="quiet" onClick={() => tell({ input: 'addOption' })}>
            {say('annex.add')}
          </button>
          <div class="annex-foot">
            <p class="small" role="status">
              {wrong
                ? say('annex.problems')
                : edit.saved
                  ? say('annex.saved')
                  : say(changed ? 'annex.changed' : 'annex.unchanged')}
            </p>
            <button type="button" class="quiet" onClick={() => tell({ input: 'readAnnexAgain' })}>
              {say('annex.again')}
            </button>
            <button type="submit" class="primary" disabled={busy || wrong || !changed}>
              {say(busy ? 'annex.saving' : 'annex.save')}
            </button>
          </div>
          {dn !== undefined && dn.problems.length > 0 && (
            <section class="server-remarks">
              <h3>{say('annex.server')}</h3>
              <ul>
                {dn.problems.map((problem) => (
                  <li key={problem} class="warned">
                    {problem}
                  </li>
                ))}
              </ul>
            </section>
          )}
        </form>
      )}
    </aside>
  )
}

function Line({ line, remarks }: { line: OptionLine; remarks: readonly AnnexRemark[] }) {
  const say = useLabText()
  const tell = useTell()
  const { key, section, option, value, isNew } = line
  const name = option.trim() || say('annex.option')
  const wrong = remarks.some(({ level }) => level === 'problem')
  const isBoolean = knownOptions.get(option.trim()) === 'boolean'
  const said = remarks.length > 0 ? `remarks-${key}` : undefined
  const change = (to: Partial<OptionLine>) => tell({ input: 'changeOption', key, to })
  return (
    <div class={isNew ? 'option new' : 'option'}>
      {isNew && (
        <label class="field">
          <span>{`${section} / ${say('annex.option')}`}</span>
          <input
            list="known-options"
            spellcheck={false}
            autocomplete="off"
            value={option}
            onInput={(event) => change({ option: event.currentTarget.value })}
          />
        </label>
      )}
      <label class="field" htmlFor={`value-${key}`}>
        <span>{isNew ? say('annex.valueOf', { option: name }) : `${section} / ${name}`}</span>
        {isBoolean && ['true', 'false', ''].includes(value) ? (
          <select
            id={`value-${key}`}
            value={value}
            aria-invalid={wrong}
            aria-describedby={said}
            onChange={(event) => change({ value: event.currentTarget.value })}
          >
            {value === '' && <option value="">{say('annex.absent')}</option>}
            {['true', 'false'].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        ) : (
          <input
            id={`value-${key}`}
            spellcheck={false}
            autocomplete="off"
            value={value}
            aria-invalid={wrong}
            aria-describedby={said}
            onInput={(event) => change({ value: event.currentTarget.value })}
          />
        )}
      </label>
      <button
        type="button"
        class="bare"
        aria-label={say('annex.drop', { option: name })}
        onClick={() => tell({ input: 'dropOption', key })}
      >
        <Bin />
      </button>
      {said !== undefined && (
        <ul class="remarks" id={said}>
          {remarks.map(({ what, level, values }) => (
            <li key={what} class={level}>
              <Warning />
              {say(`annex.remark.${what}`, values)}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
