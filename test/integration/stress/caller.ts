import type { OpenSession, Runtime, RunningBucket, RunningTrigger, Session } from 'stigmergy'
import { optionsOf, valueOf } from './app.js'
import { bucketNames, type Call, isOperation, type Operation, type Put, type Request } from './plan.js'
import type { Witness } from './witness.js'

type Named<Name extends Request['call']> = Request & { readonly call: Name }

/** Makes the calls of a plan, and has a witness follow what comes of each. */
export class Caller {
  readonly #runtime: Runtime
  readonly #witness: Witness
  readonly #sessions: Session[] = []
  readonly #open: OpenSession[] = []
  readonly #aborts: AbortController[] = []
  #added = 0

  constructor(runtime: Runtime, witness: Witness) {
    this.#runtime = runtime
    this.#witness = witness
  }

  /** What is put holds `fuel`. A call may fail, with a coded error. */
  make(call: Call, fuel: number): void {
    try {
      if (isOperation(call)) this.#operate(call, this.#runtime.bucket(call.bucket))
      else this.#request(call, fuel)
    } catch (error) {
      this.#witness.failed(call.call, error)
    }
  }

  /** The triggers that a bucket has at the moment. */
  triggers(bucket: string): readonly RunningTrigger[] {
    try {
      return this.#runtime.bucket(bucket).triggers
    } catch (error) {
      this.#witness.failed('bucket', error)
      return []
    }
  }

  #request(call: Request, fuel: number): void {
    switch (call.call) {
      case 'invoke':
        return this.#invoke(call, fuel)
      case 'put':
        return this.#put(call.put, fuel)
      case 'session':
        return this.#openSession(call)
      case 'put in session':
        return this.#putInSession(call, fuel)
      case 'closed in session':
        return this.#open[call.which]?.closed({ app: 'app', bucket: call.bucket }, call.fact)
      case 'end':
        return this.#end(this.#open[call.which])
      case 'cancel':
        return this.#sessions[call.which]?.cancel()
      case 'abort':
        return this.#aborts[call.which]?.abort()
      case 'closed':
        this.#witness.touched(call.session)
        return this.#runtime.closed(call.bucket, call.fact, sessionOf(call))
      case 'watermark':
        return this.#runtime.watermark(call.bucket, call.reached, sessionOf(call))
      case 'create bucket':
        return void this.#runtime.createBucket(call.bucket)
      case 'redrive':
      case 'discard':
        return this.#handleLetter(call)
      case 'look':
        return this.#look()
      case 'close':
        return this.#witness.promised('close', this.#runtime.close(call.options))
    }
  }

  #operate(call: Operation, bucket: RunningBucket): void {
    switch (call.call) {
      case 'add':
        return this.#add(call, bucket)
      case 'remove':
        return this.#remove(call, bucket)
      case 'seal':
        return bucket.seal()
      case 'drain':
        return this.#witness.promised('drain', bucket.drain())
      case 'delete':
        return bucket.delete(call.how)
      case 'change':
        return bucket.triggers[call.which]?.change(call.spec)
      case 'pause':
      case 'resume':
      case 'flush':
      case 'reset':
        return bucket.triggers[call.which]?.[call.call]()
    }
  }

  #invoke({ fn, bytes, options, asks }: Named<'invoke'>, fuel: number): void {
    const { signal } = this.#abortable()
    this.#follow(this.#runtime.invoke(fn, valueOf(fuel, bytes), { ...options, signal }), asks)
  }

  #put({ bucket, key, bytes, options }: Put, fuel: number): void {
    const { session = '' } = options
    const put = this.#witness.putting(session)
    const outcome = this.#runtime.put(bucket, key, valueOf(fuel, bytes), options)
    this.#witness.promised('put', outcome)
    outcome.then(put.ended, put.refused)
  }

  #openSession({ options, asks }: Named<'session'>): void {
    const { signal } = this.#abortable()
    const session = this.#runtime.session({ ...options, signal })
    this.#open.push(session)
    this.#follow(session, asks)
  }

  #abortable(): AbortController {
    const abort = new AbortController()
    this.#aborts.push(abort)
    return abort
  }

  /** Nobody has to ask how a session ends. */
  #follow(session: Session, asks: boolean): void {
    this.#sessions.push(session)
    this.#witness.touched(session.id)
    if (!asks) return
    this.#witness.promised('result', session.result)
    this.#witness.promised('ended', session.ended)
  }

  #putInSession({ which, put }: Named<'put in session'>, fuel: number): void {
    const { bucket, key, bytes, options } = put
    const outcome = this.#open[which]?.put({ app: 'app', bucket }, key, valueOf(fuel, bytes), options)
    if (outcome !== undefined) this.#witness.promised('put in a session', outcome)
  }

  #end(session: OpenSession | undefined): void {
    if (session !== undefined) this.#witness.promised('end', session.end())
  }

  #handleLetter({ call, which }: Named<'redrive' | 'discard'>): void {
    const { deadLetters } = this.#runtime
    const letter = deadLetters.list()[which]
    if (letter === undefined) return
    if (call === 'discard') deadLetters.discard(letter.id)
    else this.#follow(deadLetters.redrive(letter.id), true)
  }

  #look(): void {
    for (const { id } of this.#sessions.slice(-3)) this.#runtime.explain({ session: id })
    for (const name of bucketNames)
      for (const { id } of this.triggers(name)) this.#runtime.explain({ trigger: id })
  }

  #add({ trigger }: Operation & { readonly call: 'add' }, bucket: RunningBucket): void {
    this.#added += 1
    const added = bucket.add(trigger.spec, trigger.target, optionsOf(trigger, `added${this.#added % 3}`))
    if (trigger.startsPaused) added.pause()
  }

  #remove({ which, how }: Operation & { readonly call: 'remove' }, bucket: RunningBucket): void {
    const trigger = bucket.triggers[which]
    if (trigger !== undefined) this.#witness.promised('remove', bucket.remove(trigger.name, how))
  }
}

function sessionOf({ session }: { readonly session?: string }): { readonly session?: string } {
  return session === undefined ? {} : { session }
}
