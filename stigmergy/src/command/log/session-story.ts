import type { ErrorInfo, ObjectRef, RuntimeEvent } from 'stigmergy'

/** What an event means to a session, in words; undefined for what does not concern it. */
export function toldOf(session: string, event: RuntimeEvent): string | undefined {
  if (event.session !== session) return toldBeside(session, event)
  switch (event.type) {
    case 'session-began':
      return event.parents.length === 0 ? 'begins' : `begins, with objects of ${event.parents.join(', ')}`
    case 'session-replied':
      return 'has its result'
    case 'session-ended':
      return `ends, ${event.outcome}${because(event.error)}`
    case 'object-put':
      return `object ${event.object.key} is put into ${event.object.bucket}`
    case 'object-duplicate':
      return `object ${event.object.key} is put into ${event.object.bucket} again`
    case 'object-disposed':
      return `${event.trigger} lets go of ${event.object.key}: ${event.reason}`
    case 'trigger-fired':
      return `${event.trigger} runs ${event.fn} with ${keysOf(event.objects)}`
    case 'trigger-unsatisfied':
      return `${event.trigger} can never fire: ${event.report.message ?? event.report.reason}`
    case 'trigger-faulted':
      return `${event.trigger} faults${because(event.error)}`
    case 'function-started':
      return `function ${event.fn} starts${event.attempt === 1 ? '' : `, attempt ${event.attempt}`}`
    case 'function-ended':
      return `function ${event.fn} ends, ${event.outcome}${because(event.error)}`
    case 'function-retried':
      return `function ${event.fn} will be tried again${because(event.error)}`
    case 'dead-letter':
      return `dead letter ${event.id} is kept`
    case 'events-missed':
      return `${event.count} events were missed`
    case 'trigger-stepped':
    case 'worker-joined':
    case 'worker-lost':
    case 'shard-gained':
    case 'shard-lost':
    case 'cluster-lease-lost':
    case 'objects-lost':
      return undefined
  }
}

/** What happens to objects of a session outside of it. */
function toldBeside(session: string, event: RuntimeEvent): string | undefined {
  if (event.type === 'trigger-fired') return takenFrom(session, event)
  if (event.type !== 'objects-lost') return undefined
  const lost = event.objects.filter((object) => object.session === session)
  return lost.length === 0 ? undefined : `${keysOf(lost)} of ${event.bucket} are lost with a coordinator`
}

/** A trigger of a bucket fires objects of several sessions, in a session of its own. */
function takenFrom(
  session: string,
  { trigger, fn, objects, session: other }: Extract<RuntimeEvent, { readonly type: 'trigger-fired' }>,
): string | undefined {
  if (!objects.some((object) => object.session === session)) return undefined
  return `${trigger} runs ${fn} with ${keysOf(objects)} in session ${other}`
}

/** The keys of a firing. */
export function keysOf(objects: readonly Pick<ObjectRef, 'key'>[]): string {
  return `[${objects.map(({ key }) => key).join(' ')}]`
}

function because(error: ErrorInfo | undefined): string {
  return error === undefined ? '' : `: ${error.code ?? error.name}: ${error.message}`
}
