import { giveUp } from '../bucket/deadline.js'
import type { History, Partition } from '../bucket/partition.js'
import { applyEvent, type StepEvent } from '../bucket/step-event.js'
import { Step } from '../bucket/step.js'
import type { WaitingEvents } from '../bucket/waiting-events.js'
import type { Awaiting, Firing, Status } from '../contract/index.js'
import { asError, errorInfo } from '../error-info.js'
import type { LiveSession } from '../session/live-session.js'
import type { EndedSession } from './explained-sessions.js'
import type { SessionExplanation, StepExplanation, TriggerExplanation } from './face.js'

/** Why the partition stands where it stands. The steps are a replay: hooks are pure, so nothing had to be written down. */
export function explainPartition(partition: Partition): TriggerExplanation {
  const { cell, name } = partition
  const { status, fault } = statusOf(partition)
  return {
    trigger: cell.id,
    primitive: cell.definition.meta.name,
    partition: name,
    phase: cell.paused && partition.phase === 'open' ? 'paused' : partition.phase,
    status,
    timers: Object.fromEntries([...(partition.timers ?? [])].map(([timer, { dueAt }]) => [timer, dueAt])),
    ledger: cell.readLedger(),
    steps: partition.histories().flatMap((history) => replay(partition, history)),
    says:
      fault === undefined
        ? sentences(partition, status)
        : [`cannot tell what it waits for: ${fault.message}`],
  }
}

export function explainLive(session: LiveSession): SessionExplanation {
  const triggers = session.partitions.map(explainPartition)
  const running = [...session.invocations].filter(({ phase }) => phase === 'running')
  return {
    session: session.id,
    state: 'live',
    running: running.map(({ fn, id, attempt }) => ({ fn, invocation: id, attempt })),
    queued: session.invocations.size - running.length,
    triggers,
    says: [
      ...running.map(({ fn, attempt }) => `function ${fn} runs, attempt ${attempt}`),
      ...[...session.invocations]
        .filter(({ phase }) => phase === 'queued')
        .map(({ fn }) => `function ${fn} waits to run`),
      ...[...session.invocations]
        .filter(({ phase }) => phase === 'waiting')
        .map(({ fn, attempt }) => `function ${fn} waits for attempt ${attempt + 1}`),
      ...triggers.flatMap(({ trigger, says }) => says.map((sentence) => `${trigger} ${sentence}`)),
      ...(session.fromOutside && session.invocations.size === 0 ? ['puts from outside may come'] : []),
    ],
  }
}

export function explainEnded({ id, end, partitions }: EndedSession): SessionExplanation {
  const told =
    end.error === undefined ? { outcome: end.outcome } : { outcome: end.outcome, error: errorInfo(end.error) }
  const why = end.error === undefined ? '' : `: ${end.error.message}`
  const triggers = partitions.map(explainPartition)
  return {
    session: id,
    state: 'over',
    end: told,
    running: [],
    queued: 0,
    triggers,
    says: [`the session has ended, ${end.outcome}${why}`],
  }
}

export function explainUnknown(id: string, over: boolean): SessionExplanation {
  const says = over ? 'the session has ended, too long ago to say more' : 'no session of this name has begun'
  return { session: id, state: over ? 'over' : 'unknown', running: [], queued: 0, triggers: [], says: [says] }
}

/** What the primitive says, or, when that fails, what the runtime knows. */
function statusOf(partition: Partition): { readonly status: Status; readonly fault?: Error } {
  if (partition.phase === 'over') return { status: { held: [], awaiting: {} } }
  try {
    return { status: partition.cell.describe(partition) }
  } catch (error) {
    return { status: { held: [...partition.pending.values()], awaiting: {} }, fault: asError(error) }
  }
}

/** The steps as far as they can be taken again; a primitive that is not pure ends its own story. */
function replay(partition: Partition, { state, random, events }: History): StepExplanation[] {
  const steps: StepExplanation[] = []
  try {
    const copy = partition.copy()
    copy.restart(partition.freshFrom(state), random)
    for (const event of events) steps.push(explainStep(copy, event, new Step()))
  } catch {
    return steps
  }
  return steps
}

function explainStep(copy: Partition, event: StepEvent, step: Step): StepExplanation {
  step.begin(copy, event)
  step.firings =
    event.kind === 'deadline'
      ? passDeadline(copy, step)
      : applyEvent(copy.cell.trigger, copy.state, event, step)
  return explainedStep(copy, event, step)
}

/** What a step that has just been taken has made of its event. */
export function explainedStep({ cell, state }: Partition, event: StepEvent, step: Step): StepExplanation {
  const { firings } = step
  const disposed = step.disposed.map(({ object, reason }) => ({ key: object.key, reason }))
  return {
    at: event.at,
    event: nameOf(event),
    outcome: outcomeOf(event, firings.length, step.disposed),
    fired: firings.map(({ objects }) => objects.map((object) => object.key)),
    disposed,
    ...(step.report === undefined ? {} : { unsatisfied: step.report }),
    awaiting: cell.trigger.describe(state).awaiting,
  }
}

/** A copy holds nothing; what its state speaks of is what was held. */
function passDeadline(copy: Partition, step: Step): readonly Firing[] {
  const { held, awaiting } = copy.cell.trigger.describe(copy.state)
  for (const object of held) copy.hold(object)
  return giveUp(copy, awaiting, step)
}

/** As the cell judges: an object that is held is more than others that it supersedes. */
function outcomeOf(event: StepEvent, fired: number, disposed: Step['disposed']): StepExplanation['outcome'] {
  if (fired > 0) return 'fired'
  if (event.kind === 'object' && !disposed.some(({ object }) => object.seq === event.object.seq))
    return 'held'
  return disposed.length > 0 ? 'disposed' : 'ignored'
}

function nameOf(event: StepEvent): string {
  switch (event.kind) {
    case 'object':
    case 'evict':
      return `${event.kind} ${event.object.key}`
    case 'timer':
      return `timer ${event.name}`
    case 'closed':
      return `closed ${[event.fact.scope, event.fact.name, event.fact.outcome].filter((part) => part !== '').join(' ')}`
    case 'watermark':
      return `watermark ${event.reached}`
    case 'flush':
    case 'deadline':
      return event.kind
  }
}

function sentences(partition: Partition, { awaiting }: Status): string[] {
  const { cell, phase, pending, deadline, report, queue } = partition
  if (phase === 'over' && report !== undefined)
    return [`could never fire: ${report.message ?? report.reason}`]
  if (phase === 'over') return ['is done: what still comes is late']
  if (phase === 'halted')
    return [
      `has halted after a fault${alsoWaits(queue)}; see the event trigger-faulted, then resume() the trigger`,
    ]
  if (cell.paused)
    return [queue === undefined ? 'is paused; nothing waits' : `is paused; resume() delivers ${allOf(queue)}`]
  const waits = waitsFor(awaiting)
  const until = deadline === undefined ? [] : [`gives up at ${new Date(deadline.dueAt).toISOString()}`]
  if (waits.length === 0)
    return [pending.size === 0 ? 'waits for nothing' : `holds ${counted(pending.size)}`, ...until]
  return [`holds ${counted(pending.size)} and fires when it gets ${waits.join(' and ')}`, ...until]
}

function alsoWaits(queue: Partition['queue']): string {
  if (queue === undefined) return ''
  return queue.size === 1 ? ', and 1 event waits' : `, and ${queue.size} events wait`
}

function allOf({ size }: WaitingEvents): string {
  return size === 1 ? 'the event that waits' : `the ${size} events that wait`
}

function counted(objects: number): string {
  return objects === 1 ? '1 object' : `${objects} objects`
}

const mostNamed = 10

function waitsFor({ keys, count, closed, until }: Awaiting): string[] {
  const named = keys?.slice(0, mostNamed).join(', ')
  const more = keys !== undefined && keys.length > mostNamed ? ` and ${keys.length - mostNamed} more` : ''
  return [
    ...(keys === undefined || keys.length === 0 ? [] : [`${named}${more}`]),
    ...(count === undefined || count === 0 ? [] : [`${count} more ${count === 1 ? 'object' : 'objects'}`]),
    ...(closed === undefined || closed.length === 0
      ? []
      : [`the end of ${closed.slice(0, mostNamed).join(', ')}`]),
    ...(until === undefined ? [] : [`to ${new Date(until).toISOString()}`]),
  ]
}
