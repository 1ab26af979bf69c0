import { markCopy } from '../copy.js'
import { StigmergyError } from '../errors.js'
import { checkedSpec, type TriggerSpec } from '../primitive.js'
import { workerScope } from '../node/worker-scope.js'
import { type BucketOptions, checkBucketOptions } from './bucket-options.js'
import { definitionSite } from './definition-site.js'
import { checkFunctionOptions, type FunctionOptions } from './function-options.js'
import type { BucketHandle, FunctionHandle, Handler } from './handles.js'
import { checkedIdentifier } from './names.js'
import type { TriggerOptions } from './trigger-options.js'

/** A function of an app as it was declared. */
export interface FunctionDeclaration {
  readonly name: string
  readonly handler: Handler<never, unknown>
  readonly options: FunctionOptions
}

/** A trigger of an app as it was declared. */
export interface TriggerDeclaration {
  readonly spec: TriggerSpec
  readonly target: string
  readonly options: TriggerOptions<never>
}

/** A bucket of an app as it was declared. */
export interface BucketDeclaration {
  readonly name: string
  readonly options: BucketOptions
  readonly triggers: readonly TriggerDeclaration[]
}

/** What an app consists of, complete and checked as far as names go; options are checked when a runtime starts it. */
export interface AppManifest {
  readonly name: string
  readonly functions: ReadonlyMap<string, FunctionDeclaration>
  readonly buckets: ReadonlyMap<string, BucketDeclaration>
}

/** A named set of functions, buckets and triggers. Define it in a module of its own, so that every worker can import it. */
export interface App<Handles = unknown> {
  readonly name: string
  readonly manifest: AppManifest
  /** What the definition returned: the functions and buckets that callers use. */
  readonly handles: Handles
  /** URL of the module that defines it, which workers import; undefined where there is none, as in `node --eval`. */
  readonly module: string | undefined
}

/** A bucket while its app is being defined. */
export interface BucketBuilder<T> extends BucketHandle<T> {
  /** Adds a trigger: when its primitive says so, `target` runs with objects of this bucket. */
  when(spec: TriggerSpec, target: FunctionHandle<T>, options?: TriggerOptions<T>): this
}

/** What the callback of `defineApp` gets. */
export interface AppBuilder {
  /** Declares a bucket for values of type `T`. */
  bucket<T = unknown>(name: string, options?: BucketOptions): BucketBuilder<T>
  /**
   * Declares a function that runs on objects with values of type `In`. `Out` is what it gives to `reply`, and what
   * `session.result` of a session that starts here resolves to.
   */
  fn<In = unknown, Out = unknown>(
    name: string,
    handler: Handler<In, Out>,
    options?: FunctionOptions,
  ): FunctionHandle<In, Out>
}

/** Defines an app. Throws `STG_CONFIG_NAME` and `STG_CONFIG_INVALID` for names and options that cannot be. */
export function defineApp<Handles>(name: string, define: (app: AppBuilder) => Handles): App<Handles> {
  checkedIdentifier('the app', name)
  if (typeof define !== 'function') throw new TypeError('defineApp(name, define): define must be a function')
  const definition = new Definition(name)
  const handles = define(definition)
  if (handles instanceof Promise) throw asynchronous(name, handles)
  const { module } = definitionSite(defineApp) ?? {}
  const app = Object.freeze(markCopy({ name, manifest: definition.finish(), handles, module }))
  workerScope()?.appDefined(app)
  return app
}

/** What an asynchronous definition declares comes too late; how it ends matters no more. */
function asynchronous(name: string, definition: Promise<unknown>): StigmergyError {
  definition.catch(() => undefined)
  return new StigmergyError('STG_CONFIG_INVALID', `The definition of app ${name} must be synchronous.`, {
    details: { app: name },
  })
}

class Definition implements AppBuilder {
  readonly #functions = new Map<string, FunctionDeclaration>()
  readonly #buckets = new Map<string, BucketDeclaration>()
  #finished = false

  constructor(readonly name: string) {}

  bucket<T>(name: string, options: BucketOptions = {}): BucketBuilder<T> {
    this.#declare('bucket', name, this.#buckets)
    checkBucketOptions(`bucket ${name}`, options)
    const triggers: TriggerDeclaration[] = []
    this.#buckets.set(name, { name, options, triggers })
    const builder: BucketBuilder<T> = {
      app: this.name,
      bucket: name,
      when: (spec, target, triggerOptions = {}) => {
        this.#checkOpen()
        triggers.push({
          spec: checkedSpec(name, spec),
          target: this.#checkTarget(name, target),
          options: triggerOptions,
        })
        return builder
      },
    }
    return Object.freeze(builder)
  }

  fn<In, Out>(
    name: string,
    handler: Handler<In, Out>,
    options: FunctionOptions = {},
  ): FunctionHandle<In, Out> {
    this.#declare('function', name, this.#functions)
    if (typeof handler !== 'function')
      throw new TypeError(`app.fn(${JSON.stringify(name)}, handler): handler must be a function`)
    checkFunctionOptions(`function ${name}`, options)
    this.#functions.set(name, { name, handler, options })
    return Object.freeze({ app: this.name, fn: name })
  }

  finish(): AppManifest {
    this.#finished = true
    return { name: this.name, functions: this.#functions, buckets: this.#buckets }
  }

  #declare(what: string, name: string, taken: ReadonlyMap<string, unknown>): void {
    this.#checkOpen()
    checkedIdentifier(`a ${what} of app ${this.name}`, name)
    if (taken.has(name))
      throw nameError(`App ${this.name} declares ${what} ${JSON.stringify(name)} twice.`, name)
  }

  #checkTarget(bucket: string, target: { readonly app: string; readonly fn: string }): string {
    const name: unknown = target?.fn
    if (typeof name === 'string' && target.app === this.name && this.#functions.has(name)) return name
    const functions = [...this.#functions.keys()].join(', ') || 'none yet'
    throw new StigmergyError(
      'STG_FUNCTION_UNKNOWN',
      `The target of a trigger on bucket ${bucket} must be a function that app.fn of ${this.name} returned; it has ${functions}.`,
      { details: { app: this.name, bucket, fn: String(name) } },
    )
  }

  #checkOpen(): void {
    if (!this.#finished) return
    throw new StigmergyError(
      'STG_CONFIG_INVALID',
      `App ${this.name} is defined; add triggers to the running bucket instead.`,
    )
  }
}

function nameError(message: string, name: string): StigmergyError {
  return new StigmergyError('STG_CONFIG_NAME', message, { details: { name } })
}
