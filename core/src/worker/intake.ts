import type { BucketName, PutOptions, PutOutcome, UserFact } from '../app/handles.js'
import { checkFields, oneOf, text, whole } from '../app/fields.js'
import { checkedName } from '../app/names.js'
import { type Bucket, checkPutOptions, immediateOutcomes, type Put } from '../bucket/bucket.js'
import { checkRoomToWait } from '../bucket/cell-waiting.js'
import { sizeOf, StoredObject } from '../bucket/stored-object.js'
import type { Closed, Producer, StoreHandle } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import type { OutsidePutOptions, SessionOptions } from '../runtime/face.js'
import { LiveSession } from '../session/live-session.js'
import { sessionOver } from '../session/sessions.js'
import { type Attempt, fenced } from './attempt.js'
import { audience } from './facts.js'
import type { FunctionSlot } from './function-slot.js'
import type { FiringElsewhere, Invocation } from './invocation.js'
import type { WorkerLimits } from './limits.js'
import type { RunningApp } from './running-app.js'
import { WaitingPut } from './waiting-put.js'
import type { Worker } from './worker.js'

/** A put from outside that somebody else has taken, with all that makes it this one. */
export interface EnteringPut {
  readonly app: string
  readonly bucket: string
  readonly key: string
  /** Whether the key was made for it. */
  readonly keyIsOwn: boolean
  readonly options: PutOptions
  readonly producer: Producer
}

/** A session of the cluster that is to be at home here. */
export interface AdoptedSession {
  readonly id: string
  readonly parents: readonly string[]
  /** ms until it expires; undefined for never. */
  readonly deadlineMs: number | undefined
}

/** Where everything enters a worker: requests, puts, replies and facts, from functions and from outside. */
export class Intake {
  readonly #worker: Worker
  readonly #limits: WorkerLimits
  /** Refuses the puts from outside that wait for room, each its own. */
  readonly #waiting = new Set<(error: StigmergyError) => void>()
  #outsidePuts = 0

  constructor(worker: Worker, limits: WorkerLimits) {
    this.#worker = worker
    this.#limits = limits
  }

  /** Begins a session with a run of the function. Throws for names and limits; what fails later, the session tells. */
  invoke(slot: FunctionSlot, args: unknown, options: SessionOptions): LiveSession {
    const { sessions, store } = this.#worker
    this.checkRoom()
    const session = sessions.begin(options, false)
    const bytes = sizeOf(args)
    sessions.occupy(session)
    try {
      const handle = store.put(args, bytes)
      if (handle instanceof Promise) void this.#requestLater(slot, session, bytes, handle)
      else this.#request(slot, session, bytes, handle)
    } catch (error) {
      this.#refuseRequest(session, error)
    }
    return session
  }

  /**
   * Begins a session that another member of the cluster has decided: with a run of the function on objects from there or, without one, for
   * puts from outside.
   */
  adopt(
    slot: FunctionSlot | undefined,
    { id, parents, deadlineMs }: AdoptedSession,
    objects: (session: LiveSession) => readonly StoredObject[],
    order: FiringElsewhere | undefined,
  ): LiveSession {
    this.checkRoom()
    const { sessions } = this.#worker
    const session = sessions.adopt(id, parents, { deadlineMs }, slot === undefined)
    sessions.occupy(session)
    const made = objects(session)
    for (const object of made) if (object.session === session.id) session.add(object)
    if (slot !== undefined && session.phase !== 'over')
      this.#worker.dispatch(slot, session, made, undefined, order)
    for (const object of made) object.letGo()
    sessions.rest(session)
    return session
  }

  /** Puts for a function. Throws at once what is known at once. */
  put(
    attempt: Attempt,
    bucketName: BucketName,
    key: string | undefined,
    value: unknown,
    options: PutOptions | undefined,
  ): Promise<PutOutcome> {
    const { invocation, producer } = attempt
    const bucket = this.#appOf(invocation).bucket(bucketName)
    if (options !== undefined) checkPutOptions(options, 'function')
    const keyIsOwn = key === undefined
    const put: Put = {
      session: invocation.home,
      key: keyIsOwn ? attempt.nextKey() : checkedName('key', key),
      keyIsOwn,
      value,
      options,
      producer: options?.producer === undefined ? producer : { ...producer, name: options.producer },
      hops: invocation.hops,
      attempt,
      id: options?.id ?? (bucket.multi ? attempt.nextKey() : undefined),
    }
    if (attempt.phase !== 'running') return putFenced(attempt, bucket, put)
    if (bucket.hearsProducers) (invocation.listeners ??= new Set()).add(bucket)
    const outcome = this.#putInto(bucket, put)
    if (immediateOutcomes.has(outcome)) return outcome
    const waiting = new WaitingPut(outcome)
    ;(attempt.waitingPuts ??= []).push(waiting)
    return waiting
  }

  /** Puts for a caller outside: into the session that the options name, or into `opened`, which is his own. */
  putOutside(
    app: RunningApp,
    bucketName: BucketName | string,
    key: string | undefined,
    value: unknown,
    options: OutsidePutOptions,
    opened?: LiveSession,
  ): Promise<PutOutcome> {
    const bucket = app.bucket(bucketName)
    checkPutOptions(options, opened === undefined ? 'outside' : 'function')
    const producer = this.#outsideProducer(options.producer)
    const keyIsOwn = key === undefined
    const named = keyIsOwn ? `${producer.invocation}/0` : checkedName('key', key)
    const session = opened ?? this.#outsideSession(options.session)
    return this.#enter(bucket, session, { key: named, keyIsOwn, options, producer }, value)
  }

  /** Puts into a session of the cluster that is at home here, for somebody who has named it. */
  async enter(session: LiveSession, put: EnteringPut, value: unknown): Promise<PutOutcome> {
    const app = this.#worker.apps.get(put.app)
    if (app === undefined) throw unknownApp(put.app)
    return this.#enter(app.bucket({ app: put.app, bucket: put.bucket }), session, put, value)
  }

  #enter(
    bucket: Bucket,
    session: LiveSession,
    { key, keyIsOwn, options, producer }: Omit<EnteringPut, 'app' | 'bucket'>,
    value: unknown,
  ): Promise<PutOutcome> {
    const { sessions } = this.#worker
    const { id } = options
    const put = { session, key, keyIsOwn, value, options, producer, hops: 0, attempt: undefined, id }
    sessions.occupy(session)
    let outcome: Promise<PutOutcome>
    try {
      outcome = this.#putInto(bucket, put)
    } catch (error) {
      throw this.#refused(session, error)
    }
    if (!immediateOutcomes.has(outcome)) return this.#answerLater(session, outcome)
    sessions.rest(session)
    return this.#whenThereIsRoom(outcome)
  }

  /** Refuses the puts from outside that wait for room: a store of others may have none for long after the runtime has closed. */
  close(): void {
    for (const refuse of this.#waiting)
      refuse(new StigmergyError('STG_CLOSED', 'The runtime closed before the store had room for the object.'))
  }

  /** Resolves when there is room for more work. */
  async untilRoom(): Promise<void> {
    const { maxQueued } = this.#limits
    if (this.#worker.queued >= maxQueued) await this.#worker.until(() => this.#worker.queued < maxQueued)
  }

  /** Throws `STG_WORKER_BUSY` while as much waits as may. */
  checkRoom(): void {
    const { maxQueued } = this.#limits
    const { queued, backlog } = this.#worker
    if (queued + backlog < maxQueued) return
    const stuck = backlog === 0 ? [] : this.#worker.backlogged().map(({ id }) => id)
    throw new StigmergyError(
      'STG_WORKER_BUSY',
      backlog === 0
        ? `${queued} firings wait to run, the limit of this worker; put again later or raise maxQueued.`
        : `${queued} firings wait to run and ${backlog} facts to be told to triggers that are paused or halted, the limit of this worker; ` +
            `resume() or reset() ${stuck.join(', ')}, then put again, or raise maxQueued.`,
      { retryable: true, details: { maxQueued, queued, backlog, triggers: stuck } },
    )
  }

  reply(attempt: Attempt, value: unknown): void {
    const { home } = attempt.invocation
    if (attempt.phase === 'fenced' || home.phase === 'over' || home.reply.settled) return
    home.hasReplied = true
    home.reply.resolve(value)
    const { events, clock } = this.#worker
    if (events.watched) events.emit({ type: 'session-replied', at: clock.now(), session: home.id })
  }

  closed(attempt: Attempt, bucketName: BucketName, fact: UserFact): void {
    const app = this.#appOf(attempt.invocation)
    if (attempt.phase !== 'running') throw fenced(attempt)
    this.tell(app, app.bucket(bucketName), fact, attempt.invocation.home)
  }

  /** Gives a fact of user code to the triggers that it concerns. Throws what one of them refuses with. */
  tell(app: RunningApp, bucket: Bucket, fact: UserFact, session: LiveSession): void {
    const closed = closedFact(fact)
    if (session.phase === 'over') throw sessionOver(session.id)
    this.#runOverdue()
    const told = bucket.cells.flatMap((cell) => audience(cell, closed.scope, session))
    for (const partition of told) checkRoomToWait(partition, 'closed')
    for (const partition of told) partition.cell.close(partition, closed)
    void bucket.shared?.tell(closed)
    const refusal = app.host.takeRefusal()
    if (refusal === undefined) return
    throw new StigmergyError(refusal.code, refusal.message, { details: { bucket: bucket.name } })
  }

  #appOf(invocation: Invocation): RunningApp {
    return this.#worker.apps.get(invocation.app)!
  }

  #putInto(bucket: Bucket, put: Put): Promise<PutOutcome> {
    this.checkRoom()
    this.#runOverdue()
    return bucket.put(put)
  }

  /** What was due before this moment comes first; what is due at this moment comes after the put of this moment. */
  #runOverdue(): void {
    const { timers, clock } = this.#worker
    if (timers.nextDueAt < Infinity) timers.runDue(clock.now(), false)
  }

  /** The outcome of a put that waits for room, or the refusal of a runtime that closes before. */
  #unlessClosed(outcome: Promise<PutOutcome>): Promise<PutOutcome> {
    return new Promise<PutOutcome>((resolve, reject) => {
      this.#waiting.add(reject)
      void outcome.then(resolve, reject).finally(() => this.#waiting.delete(reject))
    })
  }

  async #answerLater(session: LiveSession, outcome: Promise<PutOutcome>): Promise<PutOutcome> {
    try {
      const answer = await this.#unlessClosed(outcome)
      this.#worker.sessions.rest(session)
      return answer
    } catch (error) {
      throw this.#refused(session, error)
    }
  }

  /** The error, after its session has been taken back if the put was all that there was of it. */
  #refused(session: LiveSession, thrown: unknown): Error {
    const error = asError(thrown)
    this.#worker.sessions.rest(session)
    this.#worker.ending.withdraw(session, error)
    return error
  }

  /** Above the high-water mark a caller outside gets its answer when the queue is short again. */
  #whenThereIsRoom(outcome: Promise<PutOutcome>): Promise<PutOutcome> {
    const { highWaterMark } = this.#limits
    if (this.#worker.queued < highWaterMark) return outcome
    return this.#worker.until(() => this.#worker.queued < highWaterMark).then(() => outcome)
  }

  /** The session that a put from outside names: a live one, a new one, or one that is over and makes the object late. */
  #outsideSession(name: string | undefined): LiveSession {
    const { sessions } = this.#worker
    if (name === undefined || name === '') return sessions.none
    checkedName('session', name)
    const live = sessions.find(name)
    if (live !== undefined) return live
    if (!sessions.isOver(name)) return sessions.begin({ session: name }, true)
    const over = new LiveSession(name, [], true)
    over.phase = 'over'
    return over
  }

  #outsideProducer(name: string | undefined): Producer {
    this.#outsidePuts += 1
    const producer = { fn: '', invocation: `put/${this.#outsidePuts.toString(36)}`, attempt: 1 }
    return name === undefined ? producer : { ...producer, name }
  }

  async #requestLater(
    slot: FunctionSlot,
    session: LiveSession,
    bytes: number,
    room: Promise<StoreHandle>,
  ): Promise<void> {
    try {
      this.#request(slot, session, bytes, await room)
    } catch (error) {
      this.#refuseRequest(session, error)
    }
  }

  #request(slot: FunctionSlot, session: LiveSession, bytes: number, handle: StoreHandle): void {
    const { clock, store, sessions } = this.#worker
    const producer: Producer = { fn: '', invocation: session.id, attempt: 1 }
    const home = { app: slot.app, bucket: '~request', store }
    const origin = { session, key: 'request', hops: 0, producer }
    const object = new StoredObject(home, origin, { seq: 0, at: clock.now(), bytes }, handle)
    session.objects.push(object)
    if (session.phase === 'over') session.release()
    else this.#worker.dispatch(slot, session, [object], undefined)
    sessions.rest(session)
  }

  #refuseRequest(session: LiveSession, error: unknown): void {
    this.#worker.ending.fail(session, asError(error))
    this.#worker.sessions.rest(session)
  }
}

/** An attempt that was given up has no effect; a put that another attempt has made is a duplicate all the same. */
function putFenced(attempt: Attempt, bucket: Bucket, put: Put): Promise<PutOutcome> {
  if (put.session.phase !== 'over' && bucket.isTaken(put)) return Promise.resolve('duplicate')
  throw fenced(attempt)
}

function unknownApp(app: string): StigmergyError {
  return new StigmergyError('STG_CONFIG_NAME', `No app ${JSON.stringify(app)} runs here.`, {
    details: { app },
  })
}

const factFields = {
  scope: oneOf('items', 'producer', 'group', 'input'),
  name: text,
  outcome: oneOf('succeeded', 'failed', 'cancelled', 'expired'),
  expected: whole(0, Number.MAX_SAFE_INTEGER),
}

function closedFact(fact: UserFact): Closed {
  checkFields('closed', fact, factFields)
  if (fact.scope === 'items')
    return {
      scope: 'items',
      name: '',
      outcome: 'succeeded',
      ...(fact.expected === undefined ? {} : { expected: fact.expected }),
    }
  return { scope: fact.scope, name: checkedName('name', fact.name), outcome: fact.outcome ?? 'succeeded' }
}
