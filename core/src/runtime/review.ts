import type { App, AppManifest, FunctionDeclaration } from '../app/define-app.js'
import { targetsOf, type TriggerDefinition } from '../bucket/trigger-definition.js'
import type { Warning } from '../contract/index.js'
import { notSharable } from '../cluster/check-shared.js'
import { StigmergyError } from '../errors.js'
import type { RuntimeDefinition } from './define-runtime.js'
import { warningsOf } from './registry.js'

/** Something about an app that may go wrong although all of its options are valid. */
export interface Remark {
  /** Such as `trigger prices.total`, `bucket prices` or `function total`. */
  readonly about: string
  readonly code: Warning['code'] | 'never-runs' | 'never-read' | 'never-filled'
  readonly message: string
  readonly remedy: string
}

/** An app as a runtime would see it. */
export interface Review {
  /** Why the runtime would not start with it. */
  readonly errors: readonly StigmergyError[]
  readonly remarks: readonly Remark[]
}

/** Checks an app against a runtime and starts nothing. Unlike `start` it finds all that is wrong, and what is only likely to be. */
export function reviewApp(definition: RuntimeDefinition, app: App): Review {
  const { triggers, errors } = definition.registry.review(app.manifest)
  const flow = new Flow(app, triggers)
  return {
    errors: [
      ...errors,
      ...(definition.cluster === undefined ? [] : notSharable(triggers)),
      ...withoutModule(definition, app),
    ],
    remarks: [
      ...warningsOf(triggers).map(({ trigger, ...warning }) => ({ about: `trigger ${trigger}`, ...warning })),
      ...triggers.flatMap((trigger) => unmetExpectations(trigger, app.manifest)),
      ...flow.idleFunctions(),
      ...flow.unreadBuckets(),
      ...flow.emptyBuckets(),
      ...flow.loops(),
    ],
  }
}

function withoutModule({ workers }: RuntimeDefinition, { name, module }: App): readonly StigmergyError[] {
  if (workers === undefined || module !== undefined) return []
  const message = `App ${name} is not defined in a module that a worker could import. Define it at the top level of a file.`
  return [new StigmergyError('STG_WORKER_APP', message, { details: { app: name } })]
}

/** A supervised producer that declares where it puts, and does not put here, is run again in vain. */
function unmetExpectations(
  { bucket, name, common }: TriggerDefinition,
  { functions }: AppManifest,
): readonly Remark[] {
  const idle = common.expect.filter(({ source }) => putsOf(functions.get(source))?.has(bucket) === false)
  return idle.map(({ source }) => ({
    about: `trigger ${bucket}.${name}`,
    code: 'can-never-fire',
    message: `expects objects of ${source}, which declares that it puts elsewhere`,
    remedy: `add the bucket ${bucket} to puts of ${source}, or expect another function`,
  }))
}

/** The buckets that a function declares to put into; undefined when it does not say. */
function putsOf(fn: FunctionDeclaration | undefined): ReadonlySet<string> | undefined {
  return fn?.options.puts === undefined ? undefined : new Set(fn.options.puts.map(({ bucket }) => bucket))
}

/** How data flows through an app, as far as it is declared. */
class Flow {
  /** The functions that triggers run, by bucket. */
  readonly #readers = new Map<string, Set<string>>()
  readonly #handed: ReadonlySet<string>

  constructor(
    private readonly app: App,
    triggers: readonly TriggerDefinition[],
  ) {
    for (const { name, triggers: declared } of app.manifest.buckets.values())
      this.#readers.set(name, new Set(declared.map(({ target }) => target)))
    for (const trigger of triggers)
      for (const target of targetsOf(trigger)) this.#readers.get(trigger.bucket)?.add(target)
    this.#handed = handedOut(app)
  }

  /** Functions that no trigger runs and no caller gets. An app that hands out no function is called by names. */
  idleFunctions(): readonly Remark[] {
    const { functions } = this.app.manifest
    const run = new Set([...this.#readers.values()].flatMap((targets) => [...targets]))
    if (![...functions.keys()].some((fn) => this.#handed.has(`fn ${fn}`))) return []
    const idle = [...functions.keys()].filter((fn) => !run.has(fn) && !this.#handed.has(`fn ${fn}`))
    return idle.map((fn) => ({
      about: `function ${fn}`,
      code: 'never-runs',
      message: 'no trigger runs it, and the app does not hand it out',
      remedy: 'add a trigger with it as the target, return it from the definition of the app, or remove it',
    }))
  }

  /** Buckets without a trigger that no caller gets, who may listen to what is put there. */
  unreadBuckets(): readonly Remark[] {
    const unread = [...this.#readers].filter(
      ([bucket, targets]) => targets.size === 0 && !this.#handed.has(`bucket ${bucket}`),
    )
    return unread.map(([bucket]) => ({
      about: `bucket ${bucket}`,
      code: 'never-read',
      message: 'it has no trigger, so nothing reads what is put there',
      remedy: 'add a trigger with when(), return it from the definition of the app, or remove it',
    }))
  }

  /** Buckets with triggers that nothing ever puts into, when every function that may run says where it puts. */
  emptyBuckets(): readonly Remark[] {
    const filled = this.#filled()
    if (filled === undefined) return []
    const empty = [...this.#readers].filter(([bucket, { size }]) => size > 0 && !filled.has(bucket))
    return empty.map(([bucket]) => ({
      about: `bucket ${bucket}`,
      code: 'never-filled',
      message:
        'no function that ever runs puts into it, by what they declare, and the app does not hand it out, so its triggers never fire',
      remedy: 'add it to puts of a function, return it from the definition of the app, or remove it',
    }))
  }

  /** The buckets that callers, and functions that may run, put into; undefined when one of these does not say where it puts. */
  #filled(): ReadonlySet<string> | undefined {
    const { functions } = this.app.manifest
    const filled = new Set([...this.#readers.keys()].filter((bucket) => this.#handed.has(`bucket ${bucket}`)))
    const handed = [...functions.keys()].filter((fn) => this.#handed.has(`fn ${fn}`))
    const isCalledByNames = handed.length === 0 && filled.size === 0
    const running = new Set(isCalledByNames ? functions.keys() : handed)
    for (const bucket of filled) for (const fn of this.#readers.get(bucket)!) running.add(fn)
    // Both sets grow while they are walked.
    for (const fn of running) {
      const puts = putsOf(functions.get(fn))
      if (puts === undefined) return undefined
      for (const bucket of puts) {
        filled.add(bucket)
        for (const next of this.#readers.get(bucket) ?? []) running.add(next)
      }
    }
    return filled
  }

  /** Rounds of functions that start each other over and over, by what they declare. Each is told once. */
  loops(): readonly Remark[] {
    const inLoop = [...this.#readers.keys()].filter((bucket) => this.#reachableFrom(bucket).has(bucket))
    const rounds = new Map<string, readonly string[]>()
    for (const bucket of inLoop) {
      const round = inLoop.filter((other) => this.#areInOneRound(bucket, other))
      rounds.set(JSON.stringify(round), round)
    }
    return [...rounds.values()].map((round) => ({
      about: `bucket ${round[0]}`,
      code: 'can-grow',
      message: `objects of ${round.join(', ')} lead to further objects of ${round.length === 1 ? 'the same bucket' : 'the same buckets'}`,
      remedy: 'see to it that a function stops putting at some time; immediate has maxHops as a bound',
    }))
  }

  #areInOneRound(bucket: string, other: string): boolean {
    return (
      bucket === other || (this.#reachableFrom(bucket).has(other) && this.#reachableFrom(other).has(bucket))
    )
  }

  /** The buckets into which objects of a bucket may lead. */
  #reachableFrom(bucket: string): ReadonlySet<string> {
    const reached = new Set<string>()
    const next = [bucket]
    for (let from = next.pop(); from !== undefined; from = next.pop())
      for (const to of this.#after(from))
        if (!reached.has(to)) {
          reached.add(to)
          next.push(to)
        }
    return reached
  }

  #after(bucket: string): readonly string[] {
    const { functions } = this.app.manifest
    return [...(this.#readers.get(bucket) ?? [])].flatMap((fn) => [...(putsOf(functions.get(fn)) ?? [])])
  }
}

/** The functions and buckets that the definition of an app returned, such as `fn plan`. */
function handedOut({ name, handles }: App): ReadonlySet<string> {
  const inside: readonly unknown[] =
    typeof handles === 'object' && handles !== null ? Object.values(handles) : []
  return new Set(
    [handles, ...inside].flatMap((handle) => {
      const { app, fn, bucket } = (handle ?? {}) as Readonly<Record<string, unknown>>
      if (app !== name) return []
      return [
        ...(typeof fn === 'string' ? [`fn ${fn}`] : []),
        ...(typeof bucket === 'string' ? [`bucket ${bucket}`] : []),
      ]
    }),
  )
}
