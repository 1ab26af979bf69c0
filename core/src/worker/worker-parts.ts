import type { Clock } from '../clock.js'
import type { Codec } from '../codec.js'
import type { ObjectStore } from '../contract/index.js'
import { inject, injectable, Tokens } from '../di/tokens.js'
import type { Ids } from '../ids.js'
import type { EventStream } from '../runtime/events.js'
import type { WorkerLimits } from './limits.js'
import type { RunQueue } from './run-queue.js'

/**
 * The parts of its runtime that a worker works with. A class of its own, because the compiler makes private members of a decorated
 * class slow, and the worker is on the path of every put.
 */
@injectable()
export class WorkerParts {
  constructor(
    @inject(Tokens.Clock) readonly clock: Clock,
    @inject(Tokens.Ids) readonly ids: Ids,
    @inject(Tokens.Codec) readonly codec: Codec,
    @inject(Tokens.ObjectStore) readonly store: ObjectStore,
    @inject(Tokens.RunQueue) readonly queue: RunQueue,
    @inject(Tokens.Events) readonly events: EventStream,
    @inject(Tokens.Limits) readonly limits: WorkerLimits,
  ) {}
}
