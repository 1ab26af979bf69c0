import { SteadyClock, SystemClock, type Clock } from '../clock.js'
import { CborCodec, type Codec } from '../codec.js'
import type { ClusterExchange, ObjectStore } from '../contract/index.js'
import { asError } from '../error-info.js'
import { CountingIds, type Ids } from '../ids.js'
import { Owner } from '../runtime/owner.js'
import { CallingClient, type ClusterClient } from './client.js'
import { type ClusterConfig, defineCluster } from './cluster-config.js'
import { lostError } from './loss-watch.js'
import { openValues } from './open-values.js'
import type { LostObjects } from './unsettled-puts.js'

export interface ConnectOptions {
  /** Where values that come and go live meanwhile. */
  readonly store: ObjectStore
  /** As in the config of the nodes. Default `CborCodec`. */
  readonly codec?: Codec
  /** Names of sessions. Default `CountingIds`. */
  readonly ids?: Ids
  /** Default `SystemClock`. */
  readonly clock?: Clock
  /** Default `SteadyClock`. */
  readonly steadyClock?: Clock
  /** What was put from here into the memory of a coordinator is gone with it. Default: a warning of the process, `STG_OBJECT_LOST`. */
  readonly onLost?: (lost: LostObjects) => void
  /** Aborts the attempt. */
  readonly signal?: AbortSignal
}

/** Connects to a cluster from any process. The config is that of its nodes. Rejects with `STG_CLUSTER_UNAVAILABLE`. */
export async function connectCluster(
  config: ClusterExchange | ClusterConfig,
  { store, codec = new CborCodec(), ids = new CountingIds(), signal, onLost, ...clocks }: ConnectOptions,
): Promise<ClusterClient> {
  const { exchange, cluster, values, settings } = defineCluster(config)
  const owner = new Owner()
  try {
    const member = owner.own(await exchange.join(signal === undefined ? { cluster } : { cluster, signal }))
    const common = { register: member.register, store, codec }
    const port = values === undefined ? undefined : owner.own(await openValues(values, common))
    const client = new CallingClient({
      member,
      settings,
      store,
      codec,
      values: port,
      ids,
      clock: clocks.clock ?? new SystemClock(),
      steadyClock: clocks.steadyClock ?? new SteadyClock(),
      owner,
      onLost: onLost ?? ((lost) => process.emitWarning(lostError(lost))),
    })
    await client.open()
    return client
  } catch (error) {
    await owner.close().catch((closing: unknown) => process.emitWarning(asError(closing)))
    throw error
  }
}
