import type { AuditEntry, LabAgent, LabDN, LabFlow, LabRegistration, LabSession, ListName, Lists } from '../contract.ts'

type Keys = { readonly [Name in ListName]: (item: Lists[Name]) => string }

const keys: Keys = {
  sessions: ({ callUUID }: LabSession) => callUUID,
  agents: ({ userName }: LabAgent) => userName,
  dns: ({ number }: LabDN) => number,
  registrations: ({ dn, contact, remote }: LabRegistration) => `${dn}\n${contact}\n${remote}`,
  flows: ({ id }: LabFlow) => id,
  audit: ({ position }: AuditEntry) => String(position),
}

/** What tells one row of a list from another. */
export const keyOf = keys as Readonly<Record<ListName, (item: Lists[ListName]) => string>>
