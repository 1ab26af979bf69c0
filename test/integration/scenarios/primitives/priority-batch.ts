import { type Firing, type ObjectRef, primitive, type Status, Trigger } from 'stigmergy'
import { z } from 'zod'

const options = z.strictObject({ count: z.int().min(1) })

interface Batch {
  held: ObjectRef[]
}

/** Fires `count` objects, those with the higher `meta.priority` first; a partition's batches run one at a time. */
@primitive({ name: 'priority-batch', scope: 'bucket', stateVersion: 1, options })
export class PriorityBatch extends Trigger<z.output<typeof options>, Batch> {
  initialState(): Batch {
    return { held: [] }
  }

  onObject(state: Batch, object: ObjectRef): readonly Firing[] {
    if (state.held.push(object) < this.options.count) return []
    const objects = state.held.splice(0).sort((a, b) => priorityOf(b) - priorityOf(a) || a.seq - b.seq)
    return [{ objects, serial: true }]
  }

  describe({ held }: Batch): Status {
    return { held, awaiting: { count: this.options.count - held.length } }
  }
}

function priorityOf({ meta }: ObjectRef): number {
  const priority = meta?.['priority']
  return typeof priority === 'number' ? priority : 0
}
