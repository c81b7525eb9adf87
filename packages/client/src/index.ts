export { AgentClient, type AgentClientOptions, type AgentEvents } from './agent/agent-client.ts'
export { type Clock, machineClock } from './agent/clock.ts'
export type { AgentState, StateNews } from './agent/connection.ts'
export { NoAnswer } from './agent/insist.ts'
export { OutboxFull } from './agent/outbox.ts'
export type { Listening, Ports } from './agent/ports.ts'
export type { SessionEvents } from './agent/sessions.ts'
export type { components, paths } from './api.ts'
export type {
  Answer,
  Answered,
  Contact,
  Device,
  EndedSession,
  ImAccess,
  ImSession,
  Operation,
  Participant,
  Phone,
  Place,
  Sent,
  SessionState,
  StateName,
  TextMessage,
  User,
  UserData,
  UserState,
  WholeUser,
} from './contract.ts'
export { Events, type EventsOptions, type EventsState } from './events.ts'
export { type Read, readNotification } from './model/check.ts'
export {
  type Hole,
  isOwn,
  type Line,
  lineLimit,
  type Receipt,
  type SessionView,
  shown,
  unknownSession,
  withLine,
  withResource,
} from './model/session-view.ts'
export { emptyView, nextView, sessionLimit, type View, type ViewInput } from './model/view.ts'
export { newID } from './new-id.ts'
export {
  type DeviceStateChange,
  type GapNotice,
  type LogUpdate,
  type Notice,
  type Notification,
  type SessionStateChange,
  sessionOfPath,
} from './notifications.ts'
export { RequestRefused } from './refused.ts'
export { type Fetch, WebServices, type WebServicesOptions } from './web-services.ts'
