import type { StepEvent } from '../bucket/step-event.js'
import type {
  Disposition,
  ErrorInfo,
  ObjectRef,
  Outcome,
  PartitionName,
  Unsatisfied,
} from '../contract/index.js'
import { asError } from '../error-info.js'

/** What happens in a runtime, one fact each. `at` is ms since epoch. */
export type RuntimeEvent = { readonly at: number; readonly session: string } & (
  | { readonly type: 'session-began'; readonly parents: readonly string[] }
  | { readonly type: 'session-replied' }
  | { readonly type: 'session-ended'; readonly outcome: Outcome; readonly error?: ErrorInfo }
  | { readonly type: 'object-put'; readonly object: ObjectRef }
  | { readonly type: 'object-duplicate'; readonly object: ObjectRef; readonly nondeterministic: boolean }
  | {
      readonly type: 'object-disposed'
      readonly object: ObjectRef
      readonly trigger: string
      readonly reason: Disposition
    }
  | {
      readonly type: 'trigger-fired'
      readonly trigger: string
      readonly partition: PartitionName
      readonly firing: string
      readonly fn: string
      readonly objects: readonly ObjectRef[]
    }
  /** A trigger has taken a step, told before what it brings about, and only to those who ask for steps. */
  | {
      readonly type: 'trigger-stepped'
      readonly trigger: string
      readonly partition: PartitionName
      readonly step: StepEvent
    }
  | {
      readonly type: 'trigger-unsatisfied'
      readonly trigger: string
      readonly partition: PartitionName
      readonly report: Unsatisfied
    }
  | {
      readonly type: 'trigger-faulted'
      readonly trigger: string
      readonly partition: PartitionName
      readonly error: ErrorInfo
    }
  | {
      readonly type: 'function-started'
      readonly fn: string
      readonly invocation: string
      readonly attempt: number
    }
  | {
      readonly type: 'function-ended'
      readonly fn: string
      readonly invocation: string
      readonly attempt: number
      readonly outcome: Outcome
      readonly error?: ErrorInfo
    }
  | {
      readonly type: 'function-retried'
      readonly fn: string
      readonly invocation: string
      readonly attempt: number
      readonly dueAt: number
      readonly error: ErrorInfo
    }
  | { readonly type: 'dead-letter'; readonly id: string }
  /** A worker is ready to run functions. `name` is such as `process 4711`. */
  | { readonly type: 'worker-joined'; readonly worker: number; readonly name: string }
  /** A worker has ended, or was ended. Another takes its place. */
  | { readonly type: 'worker-lost'; readonly worker: number; readonly name: string; readonly reason: string }
  /** This member coordinates a shard of its cluster from now on, or no longer. */
  | { readonly type: 'shard-gained' | 'shard-lost'; readonly shard: number; readonly epoch: number }
  /** This member was silent for longer than its lease, and was taken for dead: what it did for the cluster was given up. */
  | { readonly type: 'cluster-lease-lost'; readonly error: ErrorInfo }
  /** What this node has put into a shared bucket with `durability: 'memory'` is gone with the coordinator that had it. */
  | {
      readonly type: 'objects-lost'
      readonly app: string
      readonly bucket: string
      readonly objects: readonly { readonly session: string; readonly key: string }[]
    }
  | { readonly type: 'events-missed'; readonly count: number }
)

export type EventListener = (event: RuntimeEvent) => void

export interface ListenOptions {
  /** Also tell of every step of a trigger: `trigger-stepped`. Default false. */
  readonly steps?: boolean
}

/** The stream of what happens. Nothing is made for it while nobody listens. */
export class EventStream {
  readonly #listeners = new Set<EventListener>()
  readonly #stepListeners = new Set<EventListener>()

  /** Whether anybody listens; ask before making an event. */
  get watched(): boolean {
    return this.#listeners.size > 0
  }

  /** Whether anybody listens to steps; ask before making `trigger-stepped`. */
  get watchesSteps(): boolean {
    return this.#stepListeners.size > 0
  }

  /** A listener that throws harms nobody; what it threw becomes a warning of the process. */
  emit(event: RuntimeEvent): void {
    for (const listener of event.type === 'trigger-stepped' ? this.#stepListeners : this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        process.emitWarning(asError(error))
      }
    }
  }

  subscribe(listener: EventListener, { steps = false }: ListenOptions = {}): Disposable {
    this.#listeners.add(listener)
    if (steps) this.#stepListeners.add(listener)
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener)
        this.#stepListeners.delete(listener)
      },
    }
  }
}
