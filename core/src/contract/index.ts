export type {
  ClusterExchange,
  ClusterMember,
  ClusterOptions,
  Journal,
  JournalRecord,
  Register,
  RegisterChange,
  RegisterEntry,
  RegisterWatcher,
  ValueExchange,
  ValuePort,
  ValuePortOptions,
} from './cluster.js'
export type { Cause, ErrorInfo, ObjectRef, Outcome, Producer } from './object.js'
export type {
  FoundedNode,
  JoinNode,
  LoadTable,
  LoadWord,
  NodeExchange,
  NodeMember,
  NodeOptions,
  NodeTicket,
} from './node.js'
export type { StandardSchemaV1 } from './schema.js'
export type { ObjectStore, StoreHandle, StoreUsage } from './store.js'
export type { Endpoint, EndpointOptions, Offer, Transport } from './transport.js'
export { dispositions, hasHook, Trigger } from './trigger.js'
export type {
  AnyPrimitive,
  Awaiting,
  Closed,
  Disposition,
  Firing,
  Part,
  PartSpec,
  PartStatus,
  PartitionName,
  PrimitiveClass,
  PrimitiveMeta,
  Scope,
  SessionEndRule,
  Status,
  TriggerContext,
  TriggerLimits,
  TriggerTimers,
  Unsatisfied,
  Warning,
} from './trigger.js'
