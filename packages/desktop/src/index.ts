export { Events, type EventsOptions } from './client/events.ts'
export { type Fetch, RequestRefused, WebServices, type WebServicesOptions } from './client/web-services.ts'
export type {
  Answer,
  GapNotice,
  ImSession,
  LogUpdate,
  Notice,
  Notification,
  Participant,
  Sent,
  SessionState,
  SessionStateChange,
  TextMessage,
} from './contract.ts'
export { type Hole, isOwn, type Line, lineLimit, type SessionView, shown } from './model/session-view.ts'
export { emptyView, nextView, sessionLimit, type View, type ViewInput } from './model/view.ts'
