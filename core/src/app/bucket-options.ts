import { checkFields, flag, oneOf, whole } from './fields.js'

export interface BucketOptions {
  /** Each put of a key is an object of its own, told apart by `occurrence`. Default false. */
  readonly multi?: boolean
  /** Keys of freed objects without a session that are still known as duplicates. 0 to 10,000,000, default 100,000. */
  readonly rememberKeys?: number
  /**
   * In a cluster, whether what triggers of bucket scope hold survives the loss of a coordinator. Default: as the cluster's settings say.
   */
  readonly durability?: 'memory' | 'journal'
}

/** Throws `STG_CONFIG_INVALID`. */
export function checkBucketOptions(what: string, options: BucketOptions): void {
  checkFields(what, options, {
    multi: flag,
    rememberKeys: whole(0, 10_000_000),
    durability: oneOf('memory', 'journal'),
  })
}
