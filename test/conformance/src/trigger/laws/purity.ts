import type { Trigger } from '@stigmergy/core'
import { AmbientWatch } from '../ambient.js'
import { overheard } from '../context.js'
import { picks, play, type Played, type Playing } from '../history.js'
import { proceed } from '../instruments.js'
import { outline } from '../outline.js'
import { notCarried, notPlain } from '../plain.js'
import { everyHistory, type TriggerLaw } from '../property.js'

/** How V8 words a write to frozen data. */
const writeToFrozen = /read only property|not extensible|Cannot (delete|redefine) property/

/** Hooks see their state, the event and the context, and change nothing but their state. */
export const purityLaws: readonly TriggerLaw[] = [
  {
    id: 'C1',
    name: 'purity',
    sentence:
      'A hook reads no clock, takes no chance, does no I/O, and changes no object, no fact and no option.',
    check: (trial) => {
      const ambient = new AmbientWatch()
      try {
        everyHistory((history, { subject }) =>
          staysPure(ambient, play(subject, history, watchedBy(ambient))),
        )(trial)
      } finally {
        ambient.end()
      }
    },
  },
  {
    id: 'C1',
    name: 'context',
    sentence: 'A hook uses its context during its call only.',
    check: everyHistory((history, { subject }) => {
      const misused: string[] = []
      play(subject, history, {
        hook: (call) => {
          let isOver = false
          const ctx = overheard(call.ctx, (name) => isOver && misused.push(name))
          try {
            return proceed({ ...call, ctx })
          } finally {
            isOver = true
          }
        },
      })
      if (misused.length > 0)
        throw new Error(`ctx.${misused[0]} of an earlier call was used: the context was kept.`)
    }),
  },
  {
    id: 'C1',
    name: 'pure-describe',
    sentence: '`describe` changes nothing and gives the same again.',
    check: everyHistory((history, { subject }) => {
      play(subject, history, {
        after: ({ cell }) =>
          [...cell.partitions].forEach(({ state }) => describesPurely(cell.trigger, state)),
      })
    }),
  },
  {
    id: 'P22',
    name: 'plain-state',
    sentence: 'The state is plain data that CBOR reads back equal.',
    check: everyHistory((history, { subject }) => {
      play(subject, history, {
        after: ({ cell }, _step, index) => {
          for (const { state } of cell.partitions) {
            const problem = notPlain(state) ?? (picks(history, index) ? notCarried(state) : undefined)
            if (problem !== undefined) throw new Error(problem)
          }
        },
      })
    }),
  },
]

function watchedBy(ambient: AmbientWatch): Playing {
  return {
    hook: (call) => ambient.during(() => proceed(call)),
    describe: (trigger, state) => ambient.during(() => trigger.describe(state)),
    after: ({ cell }) => [...cell.partitions].forEach((partition) => cell.describe(partition)),
  }
}

function staysPure(ambient: AmbientWatch, { harness }: Played): void {
  const used = ambient.takeUsed()
  if (used.length > 0)
    throw new Error(`A hook uses ${used.join(', ')}: take ctx.now, ctx.timers or ctx.random() instead.`)
  for (const { error } of harness.journal.faults)
    if (writeToFrozen.test(error.message))
      throw new Error(`A hook changes what it was given: ${error.message}`)
}

function describesPurely(trigger: Trigger<unknown, unknown>, state: unknown): void {
  const before = outline(state)
  const first = outline(trigger.describe(state))
  if (outline(state) !== before) throw new Error(`It makes\n${before}\ninto\n${outline(state)}`)
  const second = outline(trigger.describe(state))
  if (second !== first) throw new Error(`It says\n${first}\nand then\n${second}`)
}
