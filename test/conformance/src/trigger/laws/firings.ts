import type { Firing, ObjectRef } from '@stigmergy/core'
import { play } from '../history.js'
import { proceed, type HookCall } from '../instruments.js'
import { overheard } from '../context.js'
import type { RecordedFiring } from '../journal.js'
import { partitionText } from '../outline.js'
import { everyHistory, type TriggerLaw } from '../property.js'
import type { TriggerHarness } from '../../trigger-harness.js'

/** What may be fired, when, and how often. */
export const firingLaws: readonly TriggerLaw[] = [
  {
    id: 'C5',
    name: 'windows',
    sentence:
      'A full firing with a window comes when the window is over, and has only objects of the window.',
    check: everyHistory((history, { subject }) => {
      for (const firing of play(subject, history).harness.firings) checkWindow(firing)
    }),
  },
  {
    id: 'C7',
    name: 'firing-ids',
    sentence:
      'Firings of a partition are numbered from 0 without a gap, and no two firings have the same id.',
    check: everyHistory((history, { subject }) => {
      const { firings } = play(subject, history).harness
      const next = new Map<string, number>()
      for (const { id, partition } of firings) {
        const [hash = '', number = ''] = id.split('.')
        const expected = next.get(hash) ?? 0
        if (Number.parseInt(number, 36) !== expected)
          throw new Error(`${partitionText(partition)} fires ${id}, not number ${expected}.`)
        next.set(hash, expected + 1)
      }
      const partitions = new Set(firings.map(({ partition }) => partitionText(partition)))
      if (partitions.size !== next.size)
        throw new Error(`${partitions.size} partitions have ${next.size} kinds of ids.`)
    }),
  },
  {
    id: 'C8',
    name: 'order',
    sentence: 'With an order in its options a trigger fires the same objects, in that order.',
    check: everyHistory((history, { subject }) => {
      const declared = play(subject, { ...history, common: { ...history.common, order: 'declared' } })
      for (const order of ['arrival', 'eventTime'] as const) {
        const { harness } = play(subject, {
          ...history,
          moves: declared.steps,
          common: { ...history.common, order },
        })
        harness.firings.forEach((firing, index) =>
          sameObjects(firing, declared.harness.firings[index], places[order]),
        )
      }
    }),
  },
  {
    id: 'C9',
    name: 'once',
    sentence: 'A trigger fires, disposes or releases only what it holds, and lets go of each object once.',
    check: everyHistory((history, { subject }) => {
      const problems: string[] = []
      let harness: TriggerHarness | undefined
      play(subject, history, {
        before: (started) => (harness = started),
        hook: (call) => {
          const gone: ObjectRef[] = []
          const ctx = overheard(call.ctx, (name, [object]) => {
            if (name === 'dispose' || name === 'release') gone.push(object as ObjectRef)
          })
          const firings = proceed({ ...call, ctx })
          const problem = harness && firstNotHeld(harness, call, [...firings.flatMap(letGoBy), ...gone])
          if (problem !== undefined) problems.push(problem)
          return firings
        },
      })
      if (problems[0] !== undefined) throw new Error(problems[0])
    }),
  },
  {
    id: 'C18',
    name: 'empty',
    sentence: 'A firing has objects, unless the primitive declares with `firesEmpty` that it may have none.',
    check: everyHistory((history, { subject }) => {
      const empty: string[] = []
      play(subject, history, {
        hook: (call, { firesEmpty }) => {
          const firings = proceed(call)
          if (firings.some(({ objects }) => objects.length === 0) && !firesEmpty) empty.push(call.event.kind)
          return firings
        },
      })
      if (empty[0] !== undefined) throw new Error(`It fires without objects at the event ${empty[0]}.`)
    }),
  },
  {
    id: 'P22',
    name: 'targets',
    sentence: 'A firing names no function but those that `targets` of the primitive lists.',
    check: everyHistory((history, { subject }) => {
      const unlisted: string[] = []
      play(subject, history, {
        hook: (call, { targets, target: own }) => {
          const firings = proceed(call)
          const listed = [own, ...targets]
          unlisted.push(...firings.flatMap(({ target = own }) => (listed.includes(target) ? [] : [target])))
          return firings
        },
      })
      if (unlisted[0] !== undefined) throw new Error(`It fires ${JSON.stringify(unlisted[0])}.`)
    }),
  },
]

function checkWindow({ window, objects, at, partial, cause }: RecordedFiring): void {
  if (window === undefined || cause === 'deadline') return
  const { start, end } = window
  if (!(start < end)) throw new Error(`The window from ${start} to ${end} is empty.`)
  const outside = objects.find((object) =>
    [object.at, object.et ?? object.at].every((time) => time < start || time >= end),
  )
  if (outside !== undefined)
    throw new Error(`Object ${outside.key} of ${outside.at} ms is not of the window [${start}, ${end}).`)
  const isOfArrival = objects.every(({ et }) => et === undefined)
  if (partial !== true && isOfArrival && at < end)
    throw new Error(`The window [${start}, ${end}) fires at ${at} ms already.`)
}

type Place = (object: ObjectRef) => number

const places: Readonly<Record<'arrival' | 'eventTime', Place>> = {
  arrival: ({ seq }) => seq,
  eventTime: ({ et, at }) => et ?? at,
}

function sameObjects(ordered: RecordedFiring, declared: RecordedFiring | undefined, place: Place): void {
  const seqs = ({ objects }: Pick<Firing, 'objects'>): string =>
    objects
      .map(({ seq }) => seq)
      .sort((a, b) => a - b)
      .join()
  if (declared === undefined || seqs(ordered) !== seqs(declared))
    throw new Error(`Firing ${ordered.id} has other objects.`)
  const keys = ordered.objects.map(place)
  if (keys.some((key, index) => index > 0 && key < (keys[index - 1] ?? key)))
    throw new Error(`Firing ${ordered.id} is not in order.`)
}

function letGoBy({ objects, keeps = [] }: Firing): readonly ObjectRef[] {
  return objects.filter((object) => !keeps.includes(object))
}

/** The first object that the trigger lets go of without holding it, in words. */
function firstNotHeld(
  { cell }: TriggerHarness,
  { event, ctx }: HookCall,
  gone: readonly ObjectRef[],
): string | undefined {
  const held = new Set(cell.partitions.find(ctx.partition)?.pending.keys())
  if (event.kind === 'object') held.add(event.object.seq)
  const stranger = gone.find(({ seq }) => !held.delete(seq))
  return (
    stranger && `It lets go of object ${JSON.stringify(stranger.key)}, which it does not hold (any more).`
  )
}
