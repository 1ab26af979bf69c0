export { defineApp } from './app/define-app.js'
export type {
  App,
  AppBuilder,
  AppManifest,
  BucketBuilder,
  BucketDeclaration,
  FunctionDeclaration,
  TriggerDeclaration,
} from './app/define-app.js'
export type { BucketOptions } from './app/bucket-options.js'
export type { FunctionOptions, RetryOptions } from './app/function-options.js'
export type {
  BucketHandle,
  BucketName,
  Fired,
  FunctionContext,
  FunctionHandle,
  Handler,
  InputObject,
  PutOptions,
  PutOutcome,
  UserFact,
} from './app/handles.js'
export type { Expected, FilteredObject, TriggerOptions } from './app/trigger-options.js'
export type { LedgerEntry } from './bucket/ledger.js'
export type { StepEvent } from './bucket/step-event.js'
export type { ObjectOrder, OverflowPolicy, Since } from './bucket/trigger-definition.js'
export { SteadyClock, SystemClock } from './clock.js'
export type { Clock, Timer } from './clock.js'
export { CborCodec } from './codec.js'
export type { Codec } from './codec.js'
export { dispositions, Trigger } from './contract/index.js'
export type {
  AnyPrimitive,
  Awaiting,
  Cause,
  Closed,
  ClusterExchange,
  ClusterMember,
  ClusterOptions,
  Disposition,
  Endpoint,
  EndpointOptions,
  ErrorInfo,
  Firing,
  FoundedNode,
  JoinNode,
  Journal,
  JournalRecord,
  LoadTable,
  LoadWord,
  NodeExchange,
  NodeMember,
  NodeOptions,
  NodeTicket,
  ObjectRef,
  ObjectStore,
  Offer,
  Outcome,
  Part,
  PartSpec,
  PartStatus,
  PartitionName,
  PrimitiveClass,
  PrimitiveMeta,
  Producer,
  Register,
  RegisterChange,
  RegisterEntry,
  RegisterWatcher,
  Scope,
  SessionEndRule,
  StandardSchemaV1,
  Status,
  StoreHandle,
  StoreUsage,
  Transport,
  TriggerContext,
  TriggerLimits,
  TriggerTimers,
  Unsatisfied,
  ValueExchange,
  ValuePort,
  ValuePortOptions,
  Warning,
} from './contract/index.js'
export { connectCluster } from './cluster/connect.js'
export type { ConnectOptions } from './cluster/connect.js'
export type { ClusterClient, RemoteSession } from './cluster/client.js'
export type { RemoteTrigger, WhichPartitions } from './cluster/remote-trigger.js'
export type { ClusterStatus, KnownMember, KnownShardStatus } from './cluster/cluster-status.js'
export type { LostObject, LostObjects } from './cluster/unsettled-puts.js'
export type { ShardStatus, SharedTriggerStatus } from './cluster/shard-status.js'
export type { ClusterConfig } from './cluster/cluster-config.js'
export type { Work } from './cluster/cluster-messages.js'
export type { ClusterView } from './cluster/join-cluster.js'
export { NearestAndLeastLoaded } from './cluster/node-placement.js'
export type { NodeLoad, NodePlacement } from './cluster/node-placement.js'
export type { MemberEntry } from './cluster/register-values.js'
export type { ClusterSettings } from './cluster/settings.js'
export { definePlugin } from './contract/plugin.js'
export type { AnyPlugin, Met, Needs, Plugin } from './contract/plugin.js'
export { contentDigest } from './digest.js'
export { provide, provideNew } from './di/container.js'
export type { Provision } from './di/container.js'
export { token, Tokens } from './di/tokens.js'
export type { Token } from './di/tokens.js'
export { errorCodes, StigmergyError } from './errors.js'
export type { ErrorCode, StigmergyErrorOptions } from './errors.js'
export { CountingIds } from './ids.js'
export type { Ids } from './ids.js'
export { isPrimitive, parseOptions, primitive, primitiveMeta, trigger } from './primitive.js'
export type { Target, TriggerSpec } from './primitive.js'
export { isRaw, rawOf, valueKinds, viewOf } from './raw-value.js'
export type { RawValue } from './raw-value.js'
export { defineRuntime } from './runtime/define-runtime.js'
export type { RuntimeConfig, RuntimeDefinition } from './runtime/define-runtime.js'
export { EventStream } from './runtime/events.js'
export type { EventListener, ListenOptions, RuntimeEvent } from './runtime/events.js'
export type {
  BucketState,
  CloseOptions,
  DeadLetter,
  DeadLetters,
  OpenSession,
  OutsidePutOptions,
  RunningBucket,
  RunningTrigger,
  Runtime,
  RuntimeStats,
  Session,
  SessionEnd,
  SessionExplanation,
  SessionOptions,
  StepExplanation,
  TriggerExplanation,
} from './runtime/face.js'
export type { TriggerWarning } from './runtime/registry.js'
export { reviewApp } from './runtime/review.js'
export type { Remark, Review } from './runtime/review.js'
export { start } from './runtime/start.js'
export type { StartOptions } from './runtime/start.js'
export type { SessionLimits } from './session/sessions.js'
export type { WorkerInfo } from './node/fleet.js'
export { LeastLoaded } from './node/placement.js'
export type { Placement, WorkerLoad } from './node/placement.js'
export type { WorkersConfig } from './node/workers-config.js'
export { defaultLimits } from './worker/limits.js'
export type { WorkerLimits } from './worker/limits.js'
export { FifoQueue } from './worker/run-queue.js'
export type { Runnable, RunQueue } from './worker/run-queue.js'
