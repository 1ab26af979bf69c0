import { ManualClock } from '@stigmergy/conformance'
import { defineRuntime, MemoryObjectStore, provide, type Runtime, start, Tokens } from 'stigmergy'
import { appOf } from './app.js'
import { Brittle } from './brittle.js'
import { Caller } from './caller.js'
import { bucketNames, type Call, type Plan, type Step } from './plan.js'
import { Witness } from './witness.js'

const limitBytes = 400
/** Fuel of what comes from outside. */
const tank = 2
/** Calls from within functions and listeners, which may cause each other. */
const mostInnerCalls = 20
/** Longer than anything lasts by itself: a pause of a function, or the waiting for room. */
const afterAllMs = 20_000
/** A runtime that has not closed after so many steps of the clock never does. */
const mostSteps = 2_000

/** Runs a random app through a random history and its end. Throws with all that must not have happened. */
export async function stress(plan: Plan): Promise<void> {
  const witness = new Witness()
  try {
    await new Trial(plan, witness).run()
  } finally {
    witness.end()
  }
  const { problems } = witness
  if (problems.length > 0) throw new Error([...new Set(problems)].join('\n'))
}

/** One random app on one runtime, with its callers, its clock and its store. */
class Trial {
  readonly #plan: Plan
  readonly #witness: Witness
  readonly #clock = new ManualClock(1_000)
  readonly #store: MemoryObjectStore
  readonly #interruptions: Plan['interruptions'][number][]
  #caller: Caller | undefined
  #innerCalls = 0
  #events = 0
  /** Functions that wait for the clock. */
  #waiting = 0

  constructor(plan: Plan, witness: Witness) {
    this.#plan = plan
    this.#witness = witness
    this.#interruptions = [...plan.interruptions]
    const { waitMs, maxWaiting } = plan.store
    this.#store = new MemoryObjectStore({ clock: this.#clock, limitBytes, waitMs, maxWaiting })
  }

  async run(): Promise<void> {
    const { ballast } = this.#plan.store
    const held = await this.#store.put('of somebody else', ballast)
    const runtime = await this.#start()
    for (const step of this.#plan.steps) await this.#take(step, runtime)
    await this.#close(runtime)
    this.#expectNothingLeft(runtime)
    this.#store.release(held)
    await this.#waitForStragglers()
    this.#witness.expect(this.#clock.armed === 0, `${this.#clock.armed} timers are left`)
    this.#witness.expect(this.#store.usage.objects === 0, 'objects are left at the very end')
    this.#witness.expect(this.#store.usage.waiting === 0, 'puts wait in the store at the very end')
  }

  async #start(): Promise<Runtime> {
    const app = appOf(this.#plan, {
      clock: this.#clock,
      call: (call, fuel) => this.#callFromWithin(call, fuel),
      waiting: (change) => void (this.#waiting += change),
    })
    const definition = defineRuntime({
      primitives: [Brittle],
      limits: this.#plan.limits,
      provide: [provide(Tokens.Clock, this.#clock), provide(Tokens.ObjectStore, this.#store)],
    })
    const runtime = await start(definition, app)
    this.#caller = new Caller(runtime, this.#witness)
    this.#plan.buckets.forEach(({ triggers }, at) =>
      triggers.forEach((trigger, nth) => {
        if (trigger.startsPaused) runtime.bucket(bucketNames[at]!).trigger(`t${nth}`).pause()
      }),
    )
    runtime.on((event) => {
      this.#witness.saw(event)
      this.#interrupt()
    })
    return runtime
  }

  #interrupt(): void {
    this.#events += 1
    const due = this.#interruptions.findIndex(({ afterEvents }) => afterEvents <= this.#events)
    const [interruption] = due < 0 ? [] : this.#interruptions.splice(due, 1)
    if (interruption !== undefined) this.#callFromWithin(interruption.call, tank)
  }

  #callFromWithin(call: Call, fuel: number): void {
    this.#innerCalls += 1
    if (this.#innerCalls <= mostInnerCalls) this.#caller!.make(call, fuel)
  }

  async #take(step: Step, runtime: Runtime): Promise<void> {
    if (step.step === 'pass') this.#clock.advance(step.ms)
    else this.#caller!.make(step.call, tank)
    if (!step.settles) return
    await settle()
    this.#audit(runtime)
  }

  #audit({ stats }: Runtime): void {
    const { live } = stats.sessions
    this.#expect(live === this.#witness.live, `${live} sessions are live, and not ${this.#witness.live}`)
    const { bytes } = this.#store.usage
    this.#expect(bytes <= limitBytes, `${bytes} bytes are in the store`)
    this.#expect(this.#timersOfRuntime <= 1, `the runtime has ${this.#timersOfRuntime} timers`)
    for (const name of bucketNames) this.#witness.audit(name, this.#caller!.triggers(name))
  }

  /** Closes, and lets time pass until that is done. What has been asked for is answered by then. */
  async #close(runtime: Runtime): Promise<void> {
    let closed = false
    this.#witness.promised(
      'the close at the end',
      runtime.close(this.#plan.close).then(() => (closed = true)),
    )
    for (const step of this.#plan.late.slice(0, 3)) await this.#take(step, runtime)
    await settle()
    for (let taken = 0; !closed && taken < mostSteps; taken += 1) {
      const dueAt = Math.max(this.#clock.nextDueAt, this.#clock.now() + 50)
      this.#clock.set(dueAt < Infinity ? dueAt : this.#clock.now())
      await settle(1)
    }
    for (const step of this.#plan.late.slice(3)) await this.#take(step, runtime)
    await settle()
    this.#audit(runtime)
    for (const what of this.#witness.pending) this.#expect(false, `${what} is pending after close`)
  }

  /** Of the runtime: somebody else still has his object in the store. */
  #expectNothingLeft({ stats, deadLetters }: Runtime): void {
    const { running, queued } = stats.invocations
    const own = this.#store.usage.objects - 1
    this.#expect(own === 0, `${own} objects are left in the store`)
    this.#expect(this.#witness.live === 0, `${this.#witness.live} sessions are left`)
    this.#expect(running === 0 && queued === 0, `${running} functions run, ${queued} wait`)
    this.#expect(deadLetters.size === 0, `${deadLetters.size} dead letters are left`)
    this.#expect(this.#timersOfRuntime === 0, `${this.#timersOfRuntime} timers of the runtime are left`)
  }

  /** Functions that heed no abort go on after the end of their runtime, and puts wait in a store that does. */
  async #waitForStragglers(): Promise<void> {
    for (let pauses = 0; pauses < 5; pauses += 1) {
      this.#clock.advance(afterAllMs)
      await settle()
    }
  }

  get #timersOfRuntime(): number {
    return this.#clock.armed - this.#waiting - (this.#store.usage.waiting > 0 ? 1 : 0)
  }

  #expect(holds: boolean, what: string): void {
    this.#witness.expect(holds, what)
  }
}

/** Lets everything run that is ready to run. */
async function settle(turns = 3): Promise<void> {
  for (let passed = 0; passed < turns; passed += 1) await new Promise((resolve) => setImmediate(resolve))
}
