import type { History, Partition } from '../bucket/partition.js'
import { applyEvent, type StepEvent } from '../bucket/step-event.js'
import { Step } from '../bucket/step.js'
import type { Awaiting, Status } from '../contract/index.js'
import { errorInfo } from '../error-info.js'
import type { LiveSession } from '../session/live-session.js'
import type { EndedSession } from './explained-sessions.js'
import type { SessionExplanation, StepExplanation, TriggerExplanation } from './face.js'

/** Why the partition stands where it stands. The steps are a replay: hooks are pure, so nothing had to be written down. */
export function explainPartition(partition: Partition): TriggerExplanation {
  const { cell, name } = partition
  const status = statusOf(partition)
  return {
    trigger: cell.id,
    primitive: cell.definition.meta.name,
    partition: name,
    phase: cell.paused && partition.phase === 'open' ? 'paused' : partition.phase,
    status,
    timers: Object.fromEntries([...(partition.timers ?? [])].map(([timer, { dueAt }]) => [timer, dueAt])),
    ledger: cell.readLedger(),
    steps: partition.histories().flatMap((history) => replay(partition, history)),
    says: sentences(partition, status),
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

function statusOf(partition: Partition): Status {
  return partition.phase === 'over' ? { held: [], awaiting: {} } : partition.cell.describe(partition)
}

function replay(partition: Partition, { state, random, events }: History): StepExplanation[] {
  const { cell } = partition
  const copy = partition.copy()
  copy.restart(partition.freshFrom(state), random)
  const step = new Step(cell.id)
  return events.map((event) => {
    step.begin(copy, event)
    const firings = applyEvent(cell.trigger, copy.state, event, step)
    const disposed = step.disposed.map(({ object, reason }) => ({ key: object.key, reason }))
    return {
      at: event.at,
      event: nameOf(event),
      outcome: outcomeOf(event, firings.length, disposed.length),
      fired: firings.map(({ objects }) => objects.map((object) => object.key)),
      disposed,
      awaiting: cell.trigger.describe(copy.state).awaiting,
    }
  })
}

function outcomeOf({ kind }: StepEvent, fired: number, disposed: number): StepExplanation['outcome'] {
  if (fired > 0) return 'fired'
  if (disposed > 0) return 'disposed'
  return kind === 'object' ? 'held' : 'ignored'
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

function sentences({ cell, phase, pending, deadline, report }: Partition, { awaiting }: Status): string[] {
  if (phase === 'over' && report !== undefined)
    return [`could never fire: ${report.message ?? report.reason}`]
  if (phase === 'over') return ['is done: what still comes is late']
  if (phase === 'halted')
    return ['has halted after a fault; see the event trigger-faulted, then resume() the trigger']
  if (cell.paused) return ['is paused; resume() delivers what waits']
  const waits = waitsFor(awaiting)
  const until = deadline === undefined ? [] : [`gives up at ${new Date(deadline.dueAt).toISOString()}`]
  if (waits.length === 0)
    return [pending.size === 0 ? 'waits for nothing' : `holds ${counted(pending.size)}`, ...until]
  return [`holds ${counted(pending.size)} and fires when it gets ${waits.join(' and ')}`, ...until]
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
