import { buildDirectory, type Directory, type DN, imLeg, isTrunk, readTServerOptions } from '@ringdown/signalling'
import type { Config } from '../config/load-config.ts'
import type { Check } from './check.ts'
import type { Finding } from './finding.ts'

/** Numbers that are named in one sentence. */
const mostNamed = 5

/** DNs that cannot be used as they seem to be meant. SPEC DR-11. */
export const numbers: Check = {
  name: 'numbers',
  look: ({ config }) =>
    config.contactCentres.flatMap(({ objects }) => {
      const built = buildDirectory(objects)
      return 'directory' in built ? lookAt(built.directory, config) : []
    }),
}

/** What is wrong with a DN: the same words for all that have it, so that they are told together. */
interface Fault {
  severity: 'problem' | 'note'
  /** Goes on after `DN 7001` or `DNs 7001, 7002`. */
  what: string
  lift: string
}

function lookAt(directory: Directory, config: Config): Finding[] {
  const placed = new Map<string, string[]>()
  for (const { name, dns } of directory.places.values())
    for (const dn of dns) placed.set(dn, [...(placed.get(dn) ?? []), name])
  const byFault = new Map<string, { fault: Fault; numbers: string[] }>()
  for (const dn of directory.dns.values())
    for (const fault of faultsOf(dn, placed.get(dn.number) ?? [], config)) {
      const known = byFault.get(fault.what)
      if (known) known.numbers.push(dn.number)
      else byFault.set(fault.what, { fault, numbers: [dn.number] })
    }
  return [...byFault.values()].map(({ fault: { severity, what, lift }, numbers }) => ({
    check: 'numbers',
    severity,
    what: `${numbers.length === 1 ? `DN ${numbers[0]} of ${directory.id}` : `DNs ${listOf(numbers)} of ${directory.id}: each one`} ${what}.`,
    lift,
    measured: numbers.length,
  }))
}

function faultsOf(dn: DN, places: readonly string[], config: Config): Fault[] {
  const faults: Fault[] = []
  const problem = (what: string, lift: string) => faults.push({ severity: 'problem', what, lift })
  const note = (what: string, lift: string) => faults.push({ severity: 'note', what, lift })
  const { options, annex, number, type } = dn
  for (const { message } of readTServerOptions(annex, number).warnings)
    note(
      `has an option without effect: ${message.replace(`DN ${number}: `, '')}`,
      'Correct its Annex, section [TServer].',
    )
  if (places.length > 1)
    problem(
      `is at several places (${places.join(', ')}): who logs in at one of them takes it from the others`,
      'Leave it at one place.',
    )
  const leg = imLeg(dn)
  const hasSip = config.sip.listen.length > 0 || config.sip.drachtio !== undefined
  if (isTrunk(dn)) {
    if (options.prefix !== null && options.contact === null)
      problem('is a trunk without a contact, so nothing goes out over it', 'Set the option contact to its SIP address.')
    if (leg === null) problem('is a trunk that carries no IM', 'Set the option multimedia to true.')
    if (leg === 'tlibrary')
      problem(
        'is a trunk with sip-signaling-chat none, which takes its SIP leg away',
        'Remove sip-signaling-chat, or set it to message or msrp.',
      )
    return faults
  }
  if (leg === null) {
    if (places.length > 0)
      problem(
        'is at a place and carries no IM: the option multimedia is not true',
        'Set multimedia to true, or take it from its place.',
      )
    return faults
  }
  const seats = type === 'Extension' || type === 'ACD Position'
  if (leg === 'tlibrary') {
    if (places.length === 0 && seats)
      problem(
        'carries IM without a device: sip-signaling-chat is none, and it is at no place where an agent could log in',
        'Put it at a place, or give it a SIP endpoint: remove sip-signaling-chat, and set password or contact.',
      )
    if (options.password !== null || options.contact !== null)
      note(
        'has a password or contact for a SIP endpoint, and sip-signaling-chat none, which takes its SIP leg away',
        'Remove the one or the other.',
      )
    return faults
  }
  if (!hasSip)
    problem(
      'has a SIP leg, and there is no SIP listener',
      'Set sip.listen, or sip-signaling-chat none for agents without a phone.',
    )
  if (options.password === null && options.contact === null)
    problem(
      'has a SIP leg and neither password nor contact, so no endpoint can register and none is reached',
      'Set the option password, or contact.',
    )
  if (options.sipSignalingChat === 'msrp' && config.msrp.listen.length === 0 && hasSip)
    problem(
      'is reached over MSRP only (sip-signaling-chat msrp), and there is no MSRP listener',
      'Set msrp.listen, or sip-signaling-chat message.',
    )
  if (options.autoAnswer)
    note('has auto-answer on with a SIP leg, where the endpoint is who answers', 'Remove auto-answer.')
  return faults
}

function listOf(numbers: readonly string[]): string {
  const more = numbers.length - mostNamed
  return `${numbers.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
