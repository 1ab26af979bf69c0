import { closeSync, openSync, writeSync } from 'node:fs'
import type { App, Runtime, RuntimeEvent, TriggerOptions } from 'stigmergy'
import { triggerId } from '@stigmergy/core/cell'
import { plainJson } from './desk.js'
import { unusable } from './import-file.js'

/** A trigger of the app that was logged. Its functions, such as filters, are not in the log: what they decided is. */
interface LoggedTrigger {
  readonly id: string
  readonly bucket: string
  readonly name: string
  readonly target: string
  readonly primitive: string
  /** As the app has them, before they are parsed. */
  readonly options: unknown
  readonly common: TriggerOptions
}

/** The first line of a log. */
export interface LogHead {
  readonly log: 'stigmergy'
  readonly version: 1
  readonly app: string
  readonly triggers: readonly LoggedTrigger[]
}

/** Bytes that are gathered before they are written. */
const chunk = 64 * 1024

/** Writes what happens into a file, one JSON value a line: the head, then each event. */
export class EventLog implements Disposable {
  readonly #file: number
  #lines = ''

  /** Throws `STG_CONFIG_MODULE` for a file that cannot be written. */
  constructor(path: string, app: App) {
    try {
      this.#file = openSync(path, 'w')
    } catch (cause) {
      throw unusable(`The log ${path} cannot be written: ${(cause as Error).message}`, path, cause)
    }
    this.#write(headOf(app))
  }

  /** Writes what happens from now on. */
  follow(runtime: Runtime): void {
    runtime.on((event) => this.#write(event), { steps: true })
  }

  [Symbol.dispose](): void {
    this.#flush()
    closeSync(this.#file)
  }

  #write(value: LogHead | RuntimeEvent): void {
    this.#lines += `${JSON.stringify(value, plainJson)}\n`
    if (this.#lines.length >= chunk) this.#flush()
  }

  #flush(): void {
    writeSync(this.#file, this.#lines)
    this.#lines = ''
  }
}

function headOf({ name, manifest }: App): LogHead {
  const triggers = [...manifest.buckets.values()].flatMap(({ name: bucket, triggers }) =>
    triggers.map(({ spec, target, options }): LoggedTrigger => {
      const name = options.name ?? target
      const { primitive, options: own } = spec
      return {
        id: triggerId({ bucket, name }),
        bucket,
        name,
        target,
        primitive,
        options: own,
        common: options as TriggerOptions,
      }
    }),
  )
  return { log: 'stigmergy', version: 1, app: name, triggers }
}
