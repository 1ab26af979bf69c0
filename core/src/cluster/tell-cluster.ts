import { errorInfo } from '../error-info.js'
import type { EventStream } from '../runtime/events.js'
import type { MemberEvent } from './join-cluster.js'
import { lostError } from './loss-watch.js'
import type { Decision } from './decision.js'

/** Tells what happens in this member of a cluster to those who listen. What shared triggers decide is told where it is decided. */
export function tellCluster(events: EventStream, at: number, event: MemberEvent): void {
  if (event.type === 'objects-lost' && !events.watched) return process.emitWarning(lostError(event))
  if (!events.watched) return
  if (event.type === 'decided') return tellDecision(events, at, event.decision)
  if (event.type === 'lease-lost')
    return events.emit({ type: 'cluster-lease-lost', at, session: '', error: errorInfo(event.error) })
  if (event.type === 'objects-lost') return events.emit({ ...event, at, session: '' })
  const { type, shard, epoch } = event
  events.emit({ type, at, session: '', shard, epoch })
}

function tellDecision(events: EventStream, at: number, decision: Decision): void {
  if (decision.kind === 'fire') {
    const { id: firing, session, fn, trigger, partition } = decision.order
    const { objects } = decision
    events.emit({ type: 'trigger-fired', at, session, trigger, partition, firing, fn, objects })
  }
  if (decision.kind === 'disposed') {
    const { object, trigger, reason } = decision
    events.emit({ type: 'object-disposed', at, session: object.session, object, trigger, reason })
  }
  if (decision.kind === 'unsatisfied') {
    const { trigger, partition, report } = decision
    events.emit({ type: 'trigger-unsatisfied', at, session: '', trigger, partition, report })
  }
  if (decision.kind === 'faulted') {
    const { trigger, partition, error } = decision
    events.emit({ type: 'trigger-faulted', at, session: '', trigger, partition, error: errorInfo(error) })
  }
}
