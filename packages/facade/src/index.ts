export { type AppDeps, createApp, type HttpLimit } from './app.ts'
export type { CometdMeter } from './cometd/hub.ts'
export type { CometdOptions } from './cometd/options.ts'
export { networksOf } from './connections.ts'
export { erasureSignal, readErasure } from './erasure.ts'
export type {
  Lab,
  LabFlow,
  LabNode,
  LabRegistration,
  Ladder,
  LadderEntry,
  LadderFormat,
  Lane,
  LoadRun,
  LoadRuns,
  LoadWanted,
  LockOuts,
  MetricsHistory,
  Page,
  Sample,
  TraceReader,
} from './lab/ports.ts'
export type { TracedDelivery, TracedRequest, Tracer } from './lab/tracer.ts'
export { hashPassword, type ScryptCost, verifyPassword } from './login/password.ts'
export type { Centre, HttpSession, Login } from './login.ts'
export { defaultFacadeOptions, type FacadeOptions } from './options.ts'
export type { SipSocket } from './sip-socket.ts'
export type { UcAjaxMeter } from './uc-ajax/meter.ts'
export type { UcAjaxOptions } from './uc-ajax/options.ts'
export { isoTime } from './web-services/iso-time.ts'
export { imSessionPath, imSessionState, type Participant, participant } from './web-services/resource.ts'
export { type UserState, userStateOf } from './web-services/user-state.ts'
