import type { Centre, LabRegistration, Page } from '@ringdown/facade'
import type { Clock, Directory, DNumber, Registration } from '@ringdown/signalling'
import { addressText } from '../legs/open-sip.ts'

/** DNs whose registrations are read at once, and looked at for one page: where few register, a page may be short, but never slow. */
const readAtOnce = 200
const mostLooked = 1_000

/** What is registered over SIP, by DN. A page ends with all that a DN has. SPEC SV-63. */
export async function registrationPage(
  { directory, store }: Pick<Centre, 'directory' | 'store'>,
  clock: Pick<Clock, 'now'>,
  after: string | undefined,
  limit: number,
): Promise<Page<LabRegistration>> {
  const numbers = numbersOf(directory())
  const items: LabRegistration[] = []
  let at = after === undefined ? 0 : numbers.findIndex((number) => number > after)
  if (at < 0) return { items }
  for (let looked = 0; looked < mostLooked && at < numbers.length; looked += readAtOnce) {
    const batch = numbers.slice(at, at + readAtOnce)
    const { records } = await store.read({ records: batch.map((id) => ({ kind: 'registration', id })), claims: [] })
    for (const [i, dn] of batch.entries()) {
      items.push(...shown(dn, records[i]?.value as Registration | undefined, clock.now()))
      at++
      if (items.length >= limit) return at < numbers.length ? { items, next: dn } : { items }
    }
  }
  const last = numbers[at - 1]
  return at < numbers.length && last !== undefined ? { items, next: last } : { items }
}

function shown(dn: DNumber, registration: Registration | undefined, now: number): LabRegistration[] {
  const living = registration?.bindings.filter(({ expires }) => expires > now) ?? []
  return living.map((binding) => ({
    dn,
    contact: binding.contact,
    transport: binding.source.transport,
    remote: addressText(binding.source),
    expires: binding.expires,
    flow: binding.bound === true,
    ...(binding.userAgent !== undefined && { userAgent: binding.userAgent }),
  }))
}

const orders = new WeakMap<Directory, readonly DNumber[]>()

/** Sorted once: a reload makes another directory. */
function numbersOf(directory: Directory): readonly DNumber[] {
  let order = orders.get(directory)
  if (!order) {
    order = [...directory.dns.keys()].sort()
    orders.set(directory, order)
  }
  return order
}
