import type { Partition } from '@stigmergy/core/cell'
import { play, type History, type Move } from '../history.js'
import type { Decision } from '../journal.js'
import { everyHistory, type TriggerLaw } from '../property.js'
import { shown } from '../shown.js'
import { defaultSession } from '../step.js'
import { waitsUntil } from './describe.js'

/** Timers ring once, when armed, and may ring late. */
export const timeLaws: readonly TriggerLaw[] = [
  {
    id: 'C5',
    name: 'late-timers',
    sentence: 'When timers ring late, no hook throws, and the trigger catches up.',
    check: everyHistory((history, { subject }) => {
      const { harness } = play(subject, suspended(history), { after: waitsUntil })
      const [fault] = harness.journal.faults
      if (fault !== undefined) throw fault.error
    }),
  },
  {
    id: 'C20',
    name: 'timers',
    sentence: 'A timer rings once and not early, and not at all when it was disarmed, armed anew or dropped.',
    check: everyHistory((history, { subject }) => {
      const expected = new ExpectedTimers()
      play(subject, history, {
        before: ({ journal }) =>
          (journal.onDecision = (decision, partition) => expected.follow(decision, partition)),
        after: (harness, step) => {
          if (typeof step === 'object' && 'reset' in step)
            for (const partition of harness.partitions(step.session ?? defaultSession))
              expected.forget(partition)
          for (const partition of harness.cell.partitions) expected.compare(partition)
        },
      })
    }),
  },
]

/** All time passes while the process sleeps; then what is overdue rings. */
function suspended(history: History): History {
  const moves = history.moves.flatMap((move): readonly Move[] => {
    if (typeof move === 'string' || !('advance' in move || 'toTimer' in move)) return [move]
    const jump: Move = 'advance' in move ? { jump: move.advance + 1 } : { ...move, as: 'jump' }
    return [jump, { advance: 0 }]
  })
  return { ...history, moves }
}

/** Which timers must be armed, by what the trigger has asked for. */
class ExpectedTimers {
  readonly #armed = new WeakMap<Partition, Map<string, number>>()

  follow({ event, timers, report, at }: Decision, partition: Partition): void {
    const armed = this.#of(partition)
    if (event.kind === 'timer') {
      const dueAt = armed.get(event.name)
      if (dueAt === undefined || dueAt > at)
        throw new Error(`Timer ${event.name} rings at ${at} ms, but is armed for ${dueAt ?? 'never'}.`)
      armed.delete(event.name)
    }
    for (const [timer, dueAt] of timers) {
      if (dueAt === undefined) armed.delete(timer)
      else armed.set(timer, dueAt)
    }
    if (report !== undefined || event.kind === 'deadline') armed.clear()
  }

  forget(partition: Partition): void {
    this.#of(partition).clear()
  }

  compare(partition: Partition): void {
    const expected = this.#of(partition)
    const actual = new Map([...(partition.timers ?? [])].map(([timer, { dueAt }]) => [timer, dueAt]))
    if (expected.size !== actual.size || [...expected].some(([timer, dueAt]) => actual.get(timer) !== dueAt))
      throw new Error(`Armed are ${shown(actual)}, and should be ${shown(expected)}.`)
  }

  #of(partition: Partition): Map<string, number> {
    const armed = this.#armed.get(partition) ?? new Map<string, number>()
    this.#armed.set(partition, armed)
    return armed
  }
}
