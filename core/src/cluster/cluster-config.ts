import { hostname } from 'node:os'
import { checkFields, flag, type FieldCheck } from '../app/fields.js'
import type { ClusterExchange, ValueExchange } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import { type ClusterSettings, clusterSettingChecks, clusterSettings } from './settings.js'

/** How a runtime takes part in a cluster. Fields that it shares with all others must be the same for all of them. */
export interface ClusterConfig extends Partial<ClusterSettings> {
  /** What joins the members, such as `nats({ servers })`. */
  readonly exchange: ClusterExchange
  /** How large values travel. Default of the package stigmergy: `tcp()`. Undefined: inside of messages, as far as they fit. */
  readonly values?: ValueExchange | undefined
  /** Keeps clusters on the same servers apart. Default `default`. */
  readonly cluster?: string
  /** This member's name, for people. Default: the name of the host. */
  readonly name?: string
  /** Whether this member runs functions. Default true. */
  readonly node?: boolean
  /** Whether this member coordinates. Default true. */
  readonly coordinator?: boolean
}

/** A cluster config, checked and complete. */
export interface DefinedCluster {
  readonly exchange: ClusterExchange
  readonly values: ValueExchange | undefined
  readonly cluster: string
  readonly name: string
  readonly node: boolean
  readonly coordinator: boolean
  readonly settings: ClusterSettings
}

const word: FieldCheck = (value) =>
  typeof value === 'string' && /^[\w-]{1,64}$/.test(value)
    ? undefined
    : '1 to 64 letters, digits, "-" and "_"'

const exchange: FieldCheck = (value) =>
  typeof (value as ClusterExchange | null)?.join === 'function'
    ? undefined
    : 'a cluster exchange such as nats()'

const values: FieldCheck = (value) =>
  typeof (value as ValueExchange | null)?.open === 'function' ? undefined : 'a value exchange such as tcp()'

/** Throws `STG_CONFIG_INVALID`. */
export function defineCluster(given: ClusterExchange | ClusterConfig): DefinedCluster {
  const config = 'exchange' in given ? given : { exchange: given }
  checkFields('the cluster', config, {
    exchange,
    values,
    cluster: word,
    name: word,
    node: flag,
    coordinator: flag,
    ...clusterSettingChecks,
  })
  if (config.exchange === undefined)
    throw new StigmergyError('STG_CONFIG_INVALID', 'the cluster: exchange must be one such as nats().')
  const { exchange: joined, values: lent, cluster, name, node, coordinator, ...settings } = config
  return {
    exchange: joined,
    values: lent,
    cluster: cluster ?? 'default',
    name:
      name ??
      hostname()
        .replaceAll(/[^\w-]/g, '-')
        .slice(0, 64),
    node: node ?? true,
    coordinator: coordinator ?? true,
    settings: clusterSettings(settings),
  }
}
