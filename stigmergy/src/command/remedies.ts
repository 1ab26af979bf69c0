import type { ErrorCode } from 'stigmergy'

/** What to do about an error, for each code. `docs/errors.md` has the same sentences. */
export const remedies: Readonly<Record<ErrorCode, string>> = {
  STG_CONFIG_INVALID: '`details.what` and `details.field` name it; the message says what it must be',
  STG_CONFIG_NAME:
    'Use 1 to 512 bytes of text; give the second trigger, app, bucket or function another name',
  STG_CONFIG_PLUGIN: 'Add the plugin that provides it, or `provide` it; for a failed start see `cause`',
  STG_CONFIG_FILE:
    'The message names the file and says what it should hold, such as an export of what `defineApp` returned',
  STG_CONFIG_PACKAGE:
    'Install the version that the message asks for, or import its parts in the config and name them there',
  STG_CORE_COPIES:
    'Install one version of `@stigmergy/core` for all: `npm ls @stigmergy/core` shows who asks for which',
  STG_OPTIONS_INVALID: '`details.problems` has one line per field',
  STG_PRIMITIVE_INVALID:
    'The message says what is missing: usually `@primitive({ … })`, or a schema that is synchronous',
  STG_PRIMITIVE_UNKNOWN: 'Add the class to `primitives` of the config',
  STG_FUNCTION_UNKNOWN: 'The message lists the functions of the app; use handles instead of names',
  STG_BUCKET_UNKNOWN: 'The message lists the buckets of the app; use handles instead of names',
  STG_TRIGGER_UNKNOWN:
    'A trigger is called after its target unless it has a `name`; its id is `<bucket>.<name>`',
  STG_STATE_VERSION:
    'Give the primitive a `migrate` that reads the older version; a newer one cannot be read',
  STG_STATE_NOT_PLAIN: 'Keep to plain data; the law `P22 plain-state` of the conformance suite finds where',
  STG_TRIGGER_FAULT:
    'Run the conformance suite. The state is as before the event; `onFault` of the trigger says what happens next',
  STG_SESSION_UNKNOWN: 'Check the name; an ended session takes no facts',
  STG_SESSION_OVER:
    'A session takes no puts after its `end()`. Names of live and of recently ended sessions are taken: choose another',
  STG_SESSION_CANCELLED: 'By `cancel`, by its signal or because the runtime closed; `cause` has the reason',
  STG_SESSION_EXPIRED: 'Raise `deadlineMs`, or find with `explain` what it waited for',
  STG_SESSION_LIMIT: 'Try again later, or raise `maxSessions`',
  STG_SESSION_FULL: 'Use another session, or raise `maxPutsPerSession` of the cluster',
  STG_CLOSED: 'Do not use a runtime, a store or a transport after `close`',
  STG_DEAD_LETTER_UNKNOWN: 'It was re-driven, discarded or dropped; `list()` again',
  STG_OBJECT_KEY_CONFLICT: 'Objects are immutable: use another key, leave it out, or make the bucket `multi`',
  STG_OBJECT_KEY_INVALID: 'Use 1 to 512 bytes of well-formed UTF-8; `details.field` says which',
  STG_OBJECT_RELEASED: 'Its session is over: keep the value, not the object, beyond the function',
  STG_BUCKET_SEALED: 'It was sealed, drained or deleted by its operator',
  STG_BUCKET_PENDING: "`drain()` it first, or `delete('discard')`",
  STG_TRIGGER_BUSY:
    'Put again later; raise `maxPending`, `maxPendingBytes` or `maxPartitions`; set `onOverflow`',
  STG_TRIGGER_SEALED: 'Put items before the seal, or seal with the number of all that will come',
  STG_TRIGGER_SEAL_CONFLICT: 'Seal once, with a number that is not below what has come',
  STG_WORKER_BUSY: 'Put or invoke again later, or raise `maxQueued`',
  STG_WORKER_LOST:
    'The run is repeated elsewhere on its own; when this error arrives, that has happened too often: see `cause` and `details` for how the worker ended',
  STG_WORKER_START: 'See `cause`; `details.stderr` has what it printed last',
  STG_WORKER_APP: 'Define both at the top level of a module that can be imported',
  STG_STORE_FULL:
    'Let sessions end, or raise the limit of the store. A value larger than the whole store never fits',
  STG_CLUSTER_UNAVAILABLE: 'See that a server runs where the config says, and that its credentials are right',
  STG_CLUSTER_SHARED: 'Change the app, and start it anew on all nodes',
  STG_SHARD_MOVED: 'Ask again: whoever asks finds the new holder',
  STG_JOURNAL_CONFLICT: 'Nothing: another member has taken over, and does the work',
  STG_JOURNAL_FULL: 'Give the servers more space for JetStream, or take load off',
  STG_OBJECT_LOST: 'Run what made it again',
  STG_FUNCTION_FAILED:
    '`cause` is what it threw. Set `retries`; re-drive the dead letter once it is repaired',
  STG_FUNCTION_TIMEOUT: 'Raise `timeoutMs`, heed `signal`, set `retries`',
  STG_FUNCTION_FENCED: 'Nothing: the attempt was given up. Stop work when `signal` aborts',
  STG_TRIGGER_UNSATISFIED:
    '`details` says what is missing and why; see `onImpossible`, `onDeficit`, `onItemError` of the primitive and `onDeadline`',
  STG_RERUN_EXHAUSTED: 'Raise `timeoutMs` or `maxAttempts` of `expect`, or repair the producer',
  STG_STORE_RELEASED: 'A defect of whoever holds the handle: every use needs a hold',
  STG_STORE_DESCRIPTOR: 'Ask for a new descriptor',
  STG_STORE_DIRECTORY: 'Name another `directory` that this user may write, with room for the store',
  STG_STORE_CORRUPT: 'Nobody else may write into the directory; delete it and start again',
  STG_NODE_UNAVAILABLE: 'The message says what is missing, such as the optional package koffi',
  STG_NODE_FULL: 'Found it for more members',
  STG_TRANSPORT_ADDRESS: 'Choose another address of 1 to 512 bytes',
  STG_TRANSPORT_FRAME_TOO_LARGE: 'Send it in pieces, or raise `maxFrameBytes`',
  STG_CODEC_UNSUPPORTED: 'Put values that cross a boundary as plain data: no functions, symbols or cycles',
  STG_MAPREDUCE_INPUT:
    "Repair the file or its rights, or set `unreadable: 'skip'`; `details` names the file and the problem",
  STG_MAPREDUCE_RECORD:
    '`cause` is what the function threw; `details` names the function and the record or key',
}
