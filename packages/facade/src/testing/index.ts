// What tests of other packages need of the facade's insides: its readers of what strangers send, and sessions to list.
export type { XmlElement } from '../uc-ajax/element.ts'
export { printResponses } from '../uc-ajax/print.ts'
export { readRequests } from '../uc-ajax/read-requests.ts'
export { escapeAttribute, escapeText, readXml, xmlLimits } from '../uc-ajax/xml.ts'
export { livingCall } from './living-calls.ts'
