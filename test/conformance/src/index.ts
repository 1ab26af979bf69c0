export { checkClusterExchange, clusterExchangeLaws, testClusterExchange } from './cluster-exchange.js'
export type { ClusterExchangeSubject, Outage } from './cluster-exchange.js'
export { ManualClock } from './manual-clock.js'
export { checkObjectStore, objectStoreLaws, testObjectStore } from './object-store.js'
export type { ObjectStoreSubject, StoreLimits, StoreWorld } from './object-store.js'
export { LawBroken } from './runner.js'
export type { Counterexample, Law, LawResult, Reporter, Runner, SuiteOptions } from './runner.js'
export { checkTransport, reflect, testTransport, transportLaws } from './transport.js'
export type { TransportSubject, TransportWorld } from './transport.js'
export { TriggerHarness } from './trigger-harness.js'
export type { HarnessSettings, PutOutcome } from './trigger-harness.js'
export { checkTrigger, testTrigger, triggerLaws } from './trigger.js'
export type { CheckOptions } from './trigger.js'
export type { Decision, Disposal, Entry, Fault, Journal, RecordedFiring } from './trigger/journal.js'
export type {
  AdvanceStep,
  ClosedStep,
  EndStep,
  FlushStep,
  JumpStep,
  PutStep,
  ResetStep,
  Step,
} from './trigger/step.js'
export type { Example, OlderState, TriggerSubject } from './trigger/subject.js'
export type { Tally } from './trigger/tally.js'
export type { TrialOptions } from './trigger/trial.js'
export { checkValueExchange, testValueExchange, valueExchangeLaws } from './value-exchange.js'
export type { ValueExchangeSubject, ValueWorld } from './value-exchange.js'
