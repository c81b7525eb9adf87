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
