export { createDrachtioStack, type DrachtioStack } from './drachtio/drachtio-stack.ts'
export { DigestAuthenticator, type DigestDeps } from './sip/digest/authenticator.ts'
export type { DigestAlgorithm } from './sip/digest/digest-response.ts'
export type { DigestLockOut } from './sip/digest/failures.ts'
export { SharedKey } from './sip/digest/shared-key.ts'
export { type Authenticated, authenticate, type Identity } from './sip/handler/authenticate.ts'
export { centreOf, localHosts } from './sip/handler/local-hosts.ts'
export { allowedMethods, onOptions } from './sip/handler/on-options.ts'
export { onRegister } from './sip/handler/on-register.ts'
export { OosCheck } from './sip/handler/oos-check.ts'
export { SourceLimit } from './sip/handler/source-limit.ts'
export { contactsOf, Peers, trunkFor } from './sip/handler/trunk.ts'
export type { HeaderLine, Reply, SipRequest } from './sip/message/message.ts'
export { parseUri } from './sip/message/uri.ts'
export type {
  AcceptedInvite,
  DialogState,
  DialogUser,
  IncomingInvite,
  IncomingRequest,
  OutgoingInvite,
  OutgoingRequest,
  SipAnswer,
  SipDestination,
  SipDialog,
  SipPort,
  SipSource,
  SipUser,
} from './sip/ports.ts'
export { readGruu } from './sip/registrar/gruu.ts'
export { Registrar } from './sip/registrar/registrar.ts'
export { defaultRegistrarLimits, destinationOf, reachable } from './sip/registrar/registration.ts'
export { howToSend, type MediaTransport, readMessageMedia } from './sip/sdp/message-media.ts'
export {
  isRefresh,
  type LocalMedia,
  makeAnswer,
  makeOffer,
  type RemoteMedia,
  readAnswer,
} from './sip/sdp/offer-answer.ts'
export { createSipStack, type SipStack } from './sip/stack.ts'
export type { FlowUser, Transports } from './sip/transport/flow.ts'
export type { SipTap, SocketTransports } from './sip/transport/options.ts'
export { createTransports } from './sip/transport/transports.ts'
export {
  type AgentRecord,
  type AgentState,
  agentStep,
  agentTable,
  type DNRecord,
  type WorkMode,
} from './tserver/agent.ts'
export { type Annex, type Problem, readBoolean } from './tserver/annex.ts'
export {
  buildDirectory,
  type DirectoryBuild,
  defaultCentreOptions,
  defaultFeatures,
} from './tserver/build-directory.ts'
export type { Call, CallEnd, CallState, CallType, DNRole, Leg, Party, Text, TextWants } from './tserver/call.ts'
export { checkChange } from './tserver/check-change.ts'
export type { Delivery } from './tserver/decision.ts'
export type { AgentLogin, CentreOptions, Directory, Person, Place, Role } from './tserver/directory.ts'
export {
  applyStored,
  bundleKind,
  type DirectoryObjects,
  type DNObject,
  derivePersonID,
  type ObjectBundle,
  type ObjectKind,
  objectDBIDs,
  objectKinds,
  type PersonObject,
  type PlaceObject,
  removedObject,
  type SwitchObject,
  toObjects,
} from './tserver/directory-objects.ts'
export {
  type DN,
  type DNType,
  dnTypes,
  imLeg,
  isTrunk,
  readTServerOptions,
  type TServerOptions,
  type TServerReading,
} from './tserver/dn.ts'
export { type ErrorName, errorCatalogue, TServerError } from './tserver/errors.ts'
export {
  type CallUUID,
  type ConnID,
  type DNumber,
  type IdSource,
  isCallUUID,
  type MessageID,
  makeCallUUID,
  makeConnID,
  type PersonID,
} from './tserver/ids.ts'
export { imParty, type PartyEvent, type PartyInput, type PartyState, step } from './tserver/im-party.ts'
export {
  type MailboxRecord,
  mailboxLimits,
  type StoredText,
  type ToldUndelivered,
  type UndeliveredText,
} from './tserver/mailbox.ts'
export type {
  Change,
  Clock,
  CommitOutcome,
  FeedEntry,
  FeedListener,
  FeedPage,
  KeptKind,
  LiveState,
  LogEntry,
  Meter,
  Named,
  Put,
  Reachability,
  Reached,
  ReadReply,
  ReadRequest,
  RecordIDs,
  RecordKind,
  RecordRef,
  SessionRange,
  SessionStore,
  StoredObject,
  StoredRecords,
  Versioned,
} from './tserver/ports.ts'
export type { Binding, Registration } from './tserver/registration.ts'
export type { SipInput, SipText } from './tserver/sip-input.ts'
export { type LegRecord, legID, nodeFeed, pairClaim, type SipLeg, unfinishedTimerID } from './tserver/sip-leg.ts'
export {
  type AgentEvent,
  type CallEvent,
  type ClientNews,
  type ComposingEvent,
  type EventError,
  eventNumber,
  type FeedEvent,
  mediaTypeChat,
  noticeServices,
  type Receipt,
  type ReceiptEvent,
  type TEvent,
  type TextEvent,
  textService,
  type UserEvent,
} from './tserver/t-event.ts'
export { type FirstText, requestNumber, type TRequest, type TTimer } from './tserver/t-request.ts'
export type { Accepted, Taken, TServer } from './tserver/t-server.ts'
export { createTServer, type TServerDeps } from './tserver/t-server.ts'
export {
  attach,
  defaultUserDataLimit,
  deletePair,
  type UserData,
  type UserDataValue,
  userDataProblem,
} from './tserver/user-data.ts'
export {
  type Gap,
  type OffsetRange,
  type ReplayRequest,
  type WaitingDelivery,
  type WebhookRecord,
  webhookFeed,
} from './tserver/webhook-record.ts'
