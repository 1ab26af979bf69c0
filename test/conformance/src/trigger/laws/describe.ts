import type { Awaiting, Firing, ObjectRef } from '@stigmergy/core'
import type { Partition } from '@stigmergy/core/cell'
import type { TriggerHarness } from '../../trigger-harness.js'
import { play } from '../history.js'
import { proceed, type HookCall } from '../instruments.js'
import { everyHistory, type TriggerLaw } from '../property.js'
import { shown } from '../shown.js'
import type { Step } from '../step.js'

/** What a trigger says of itself is true. */
export const describeLaws: readonly TriggerLaw[] = [
  {
    id: 'P22',
    name: 'describe-holds',
    sentence: '`describe` lists exactly the objects that the trigger holds.',
    check: everyHistory((history, { subject }) => {
      play(subject, history, {
        after: (harness) => {
          for (const partition of harness.cell.partitions) holdsWhatItSays(harness, partition)
        },
      })
    }),
  },
  {
    id: 'P22',
    name: 'describe-agrees',
    sentence:
      'A put makes a trigger fire its own target only when `describe` awaited no more than this object.',
    check: everyHistory((history, { subject }) => {
      const lies: string[] = []
      const needed = new Needed()
      play(subject, history, {
        hook: (call) => {
          const before = call.trigger.describe(call.state).awaiting
          const firings = proceed(call)
          const lie = lieIn(call, firings, before, needed.of(call.state))
          if (lie !== undefined) lies.push(`${lie} Before, it awaited ${shown(before)}.`)
          needed.follow(call, call.trigger.describe(call.state).awaiting)
          return firings
        },
      })
      if (lies[0] !== undefined) throw new Error(lies[0])
    }),
  },
  {
    id: 'P22',
    name: 'describe-until',
    sentence:
      'A trigger that says until when it waits has a timer for it, and has acted when the time is over.',
    check: everyHistory((history, { subject }) => {
      play(subject, history, { after: waitsUntil })
    }),
  },
  {
    id: 'P22',
    name: 'describe-ends',
    sentence: 'A trigger that awaits nothing any more holds nothing.',
    check: everyHistory((history, { subject }) => {
      play(subject, history, {
        after: ({ cell }) => {
          for (const partition of cell.partitions) {
            if (partition.phase !== 'open') continue
            const { awaiting, held } = cell.describe(partition)
            if (isEmpty(awaiting) && held.length > 0)
              throw new Error(`It awaits nothing and holds ${held.map(({ key }) => key).join(', ')}.`)
          }
        },
      })
    }),
  },
]

/** Throws when what the trigger says that it holds is not what its cell has admitted and not let go. */
export function holdsWhatItSays({ cell }: TriggerHarness, partition: Partition): void {
  if (partition.phase !== 'open') return
  const { held } = cell.describe(partition)
  const pending = [...partition.pending.values()]
  const seqs = new Set([...held, ...pending].map(({ seq }) => seq))
  if (held.length === pending.length && seqs.size === held.length) return
  throw new Error(
    `It has let go of everything except ${named(pending)}, but says that it holds ${named(held)}.`,
  )
}

function named(objects: readonly ObjectRef[]): string {
  return objects.length === 0 ? 'nothing' : objects.map(({ key, seq }) => `${key}#${seq}`).join(', ')
}

/** How what the call fired contradicts what was awaited before it. */
function lieIn(
  { event }: HookCall,
  firings: readonly Firing[],
  awaiting: Awaiting,
  needed: number,
): string | undefined {
  if (event.kind !== 'object' || firings.every(({ target }) => target !== undefined)) return undefined
  const { keys = [], count = 0, closed = [] } = awaiting
  const missing = keys.filter((key) => key !== event.object.key)
  if (isEmpty(awaiting)) return 'It fires although it awaited nothing any more.'
  if (missing.length > 0) return `It fires without ${missing.join(', ')}.`
  if (closed.length > 0) return `It fires before the end of ${closed.join(', ')}.`
  const tooEarly = Math.max(count, needed) - 1
  return tooEarly > 0 ? `It fires ${tooEarly} objects too early.` : undefined
}

/** How many objects must come before a put can fire, as the trigger has said of each of its states. */
class Needed {
  readonly #counts = new WeakMap<object, number>()

  of(state: unknown): number {
    return isObject(state) ? (this.#counts.get(state) ?? 0) : 0
  }

  /** What was said holds on while objects come; every other event may change it. */
  follow({ event, state }: HookCall, { count = 0 }: Awaiting): void {
    const needed = event.kind === 'object' ? Math.max(count, this.of(state) - 1) : count
    if (isObject(state)) this.#counts.set(state, needed)
  }
}

function isObject(state: unknown): state is object {
  return typeof state === 'object' && state !== null
}

/** Throws when what a trigger says about the end of its waiting is not so. */
export function waitsUntil(harness: TriggerHarness, step: Step): void {
  const hasRung = typeof step === 'object' && 'advance' in step
  for (const partition of harness.cell.partitions)
    if (partition.phase === 'open') keepsTime(harness, partition, hasRung)
}

function keepsTime({ cell, clock }: TriggerHarness, partition: Partition, hasRung: boolean): void {
  const { until } = cell.describe(partition).awaiting
  if (until === undefined) return
  const dueAts = [...(partition.timers?.values() ?? [])].map(({ dueAt }) => dueAt)
  if (!dueAts.some((dueAt) => dueAt <= until))
    throw new Error(`It acts by ${until} ms, it says, but its timers are for ${shown(dueAts)}.`)
  if (hasRung && until <= clock.now())
    throw new Error(`At ${clock.now()} ms it still says that it acts by ${until} ms.`)
}

function isEmpty({ keys = [], count = 0, closed = [], until }: Awaiting): boolean {
  return keys.length === 0 && count === 0 && closed.length === 0 && until === undefined
}
