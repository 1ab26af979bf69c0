/** What can be ended: by the standard protocols or by a `close`. */
export interface Closable {
  close?(): void | Promise<void>
  [Symbol.asyncDispose]?(): PromiseLike<void>
  [Symbol.dispose]?(): void
}

/** Holds what was started, and ends it newest first. One failure hinders none of the others. */
export class Owner {
  readonly #held: Closable[] = []
  #closing: Promise<void> | undefined

  /** Takes `resource` over; returns it, so that it can be taken in the line that opens it. */
  own<T>(resource: T): T {
    if (isClosable(resource)) this.#held.push(resource)
    return resource
  }

  /** Ends everything. Rejects with an `AggregateError` of what went wrong on the way. */
  close(): Promise<void> {
    return (this.#closing ??= this.#closeAll())
  }

  async #closeAll(): Promise<void> {
    const errors: unknown[] = []
    for (let next = this.#held.pop(); next !== undefined; next = this.#held.pop()) {
      try {
        await end(next)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} parts did not close`)
  }
}

function isClosable(resource: unknown): resource is Closable {
  if (typeof resource !== 'object' || resource === null) return false
  return [Symbol.asyncDispose, Symbol.dispose, 'close'].some(
    (name) => typeof Reflect.get(resource, name) === 'function',
  )
}

async function end(resource: Closable): Promise<void> {
  if (typeof resource[Symbol.asyncDispose] === 'function') await resource[Symbol.asyncDispose]!()
  else if (typeof resource[Symbol.dispose] === 'function') resource[Symbol.dispose]!()
  else await resource.close?.()
}
