import type { ComponentChildren } from 'preact'
import { type LabPage, pathOf } from '../model/page.ts'
import { useTell } from './context.ts'

interface GoProps {
  page: LabPage
  class?: string
  current?: boolean
  children: ComponentChildren
}

/** A link to a page of the console: an address to copy or to open elsewhere, and no loading anew where it is just clicked. */
export function Go({ page, class: look, current, children }: GoProps) {
  const tell = useTell()
  const onClick = (event: MouseEvent) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    tell({ input: 'turnTo', page })
  }
  return (
    <a href={pathOf(page)} class={look} aria-current={current ? 'page' : undefined} onClick={onClick}>
      {children}
    </a>
  )
}
