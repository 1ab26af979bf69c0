/** Every code that this project throws. Codes are API: never renamed, never reused. `docs/errors.md` explains each. */
export const errorCodes = {
  STG_CONFIG_INVALID: 'A runtime config, an app or an option of them is wrong',
  STG_CONFIG_NAME: 'A name is empty, too long, taken or unknown',
  STG_CONFIG_PLUGIN: 'A plugin needs what nobody provides, or its start failed',
  STG_CONFIG_FILE: 'A file is missing, cannot be read or written, or does not hold what it should',
  STG_CONFIG_PACKAGE:
    'A package that a config names is missing, of the wrong version, or has nothing to offer',
  STG_CORE_COPIES: 'A part was made with a copy of core that does not fit this one',
  STG_OPTIONS_INVALID: 'Options of a trigger do not match the schema of its primitive',
  STG_PRIMITIVE_INVALID: 'A class is not a usable primitive',
  STG_PRIMITIVE_UNKNOWN: 'A trigger names a primitive that the runtime does not have',
  STG_STATE_VERSION: 'A snapshot was written by another version of the primitive',
  STG_STATE_NOT_PLAIN: 'The state of a trigger holds something that cannot be stored',
  STG_SESSION_UNKNOWN: 'No session of this name is known',
  STG_SESSION_OVER: 'The session has ended',
  STG_SESSION_CANCELLED: 'The session was cancelled',
  STG_SESSION_EXPIRED: 'The session did not end before its deadline',
  STG_SESSION_LIMIT: 'Too many sessions are open',
  STG_SESSION_FULL: 'A session takes no more puts by its name',
  STG_CLOSED: 'What was called has been closed',
  STG_OBJECT_KEY_CONFLICT: 'The key is taken by an object with other content',
  STG_OBJECT_KEY_INVALID: 'A key, session or group name is empty, too long or not well-formed',
  STG_OBJECT_RELEASED: 'The object has been freed',
  STG_BUCKET_UNKNOWN: 'No bucket of this name exists',
  STG_BUCKET_SEALED: 'The bucket takes no more objects',
  STG_BUCKET_PENDING: 'The bucket still holds objects',
  STG_TRIGGER_BUSY: 'A trigger holds as much as it may; nothing was admitted',
  STG_TRIGGER_FAULT: 'A hook of a primitive threw or broke the contract',
  STG_TRIGGER_UNKNOWN: 'No trigger of this name is on the bucket',
  STG_TRIGGER_UNSATISFIED: 'A trigger can never fire for this session',
  STG_TRIGGER_SEAL_CONFLICT: 'A seal contradicts an earlier one',
  STG_TRIGGER_SEALED: 'The set of items is sealed and complete',
  STG_WORKER_BUSY: 'Too many firings are queued',
  STG_WORKER_LOST: 'A worker ended, or was ended, while it ran a function',
  STG_WORKER_START: 'A worker could not be started',
  STG_WORKER_APP: 'A worker did not find the app, or the config, in the module that defines it',
  STG_NODE_UNAVAILABLE: 'The workers of this machine cannot share memory as configured',
  STG_NODE_FULL: 'A node has as many members as it was founded for',
  STG_CLUSTER_UNAVAILABLE: 'The cluster cannot be reached, or does not let this member in',
  STG_CLUSTER_SHARED: 'No node alone can do this to what a cluster shares',
  STG_SHARD_MOVED: 'Another coordinator holds the shard now',
  STG_JOURNAL_CONFLICT: 'Somebody else has written to the journal in between',
  STG_JOURNAL_FULL: 'The journal has no room',
  STG_OBJECT_LOST: 'The value of an object is gone with the node that had it',
  STG_FUNCTION_FAILED: 'A function threw',
  STG_FUNCTION_TIMEOUT: 'A function did not end in time',
  STG_FUNCTION_FENCED: 'A newer attempt has taken the place of this one',
  STG_FUNCTION_UNKNOWN: 'No function of this name exists',
  STG_RERUN_EXHAUSTED: 'A supervised producer did not deliver in any of its attempts',
  STG_DEAD_LETTER_UNKNOWN: 'No dead letter has this id',
  STG_STORE_FULL: 'The object store has no room',
  STG_STORE_RELEASED: 'The value has been freed',
  STG_STORE_DESCRIPTOR: 'A descriptor is stale, forged or of another store',
  STG_STORE_DIRECTORY: 'The directory of a mapped store cannot be used',
  STG_STORE_CORRUPT: 'A file of a mapped store is truncated, foreign or of another version',
  STG_TRANSPORT_ADDRESS: 'The address is in use or not valid',
  STG_TRANSPORT_FRAME_TOO_LARGE: 'A frame is larger than the transport carries',
  STG_MAPREDUCE_INPUT: 'A file that a MapReduce is to read cannot be read',
  STG_MAPREDUCE_RECORD: 'A function of a MapReduce threw for a record or a key',
  STG_CODEC_UNSUPPORTED: 'A value cannot be encoded, or bytes cannot be decoded',
} as const

export type ErrorCode = keyof typeof errorCodes

export interface StigmergyErrorOptions {
  readonly cause?: unknown
  /** Whether the same call may succeed later without any change. Default false. */
  readonly retryable?: boolean
  /** What the reader needs: names, fields, limits. Plain data. */
  readonly details?: Readonly<Record<string, unknown>>
}

const brand = Symbol.for('stigmergy.error')

/** The only error class that this project throws for expected failures. Test with `StigmergyError.is`. */
export class StigmergyError extends Error {
  override readonly name = 'StigmergyError'
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: StigmergyErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.retryable = options.retryable ?? false
    this.details = options.details ?? {}
    Object.defineProperty(this, brand, { value: true })
  }

  /** Whether `error` is a StigmergyError (of this or another copy of the package), and of this code if one is given. */
  static is(error: unknown, code?: ErrorCode): error is StigmergyError {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false
    return code === undefined || (error as { code?: unknown }).code === code
  }
}
