import { StigmergyError } from '@stigmergy/core'
import { z } from 'zod'

export interface NatsOptions {
  /** Where servers are, such as `nats://localhost:4222`, one or several of one NATS cluster. */
  readonly servers: string | readonly string[]
  /** One way to be let in, or none: a token; */
  readonly token?: string
  /** a user, */
  readonly user?: string
  /** with a password; */
  readonly pass?: string
  /** the seed of an nkey, which begins with `SU`; */
  readonly nkey?: string
  /** the path of a credentials file, with a JWT and its seed. */
  readonly credentials?: string
  /** How connections are encrypted. Default: as the server demands. */
  readonly tls?: NatsTls
  /** What the servers call the connection in their reports. Default `stigmergy`. */
  readonly name?: string
  /** How long the first connection may take, in ms. Default 5,000. */
  readonly connectMs?: number
  /** How long a call waits for an answer of the servers, in ms. Default 5,000. */
  readonly requestMs?: number
  /** On how many servers entries and records are kept: 1 to 5. Default: as they are kept, or 1. */
  readonly replicas?: number
  /** Where servers keep entries and records; memory is lost with its servers. Default: as they are kept, or `file`. */
  readonly storage?: 'file' | 'memory'
  /** What all records may take, in bytes. Default: as it is, or what the servers have. A larger one is given to a journal that exists. */
  readonly maxJournalBytes?: number
  /** Frames that may be under way from one endpoint to another. Default 1,024. */
  readonly maxQueuedFrames?: number
  /** Bytes that may be under way from one endpoint to another. Default 4 MiB. */
  readonly maxQueuedBytes?: number
  /** Bytes that may be under way to all endpoints of a member, if no more than a thousand send. Default 32 MiB. */
  readonly maxInboundBytes?: number
}

export interface NatsTls {
  /** The path of the certificates of the authority that has signed the servers' ones. Default: those that Node.js trusts. */
  readonly caFile?: string
  /** The paths of a certificate and its key, for servers that ask for one. */
  readonly certFile?: string
  readonly keyFile?: string
}

/** Options that have been checked. */
export type Settings = z.infer<typeof schema>

const text = z.string('give a text').min(1, 'give a text that is not empty')
const whole = (least: number, most: number) => {
  const remedy = `give a whole number from ${least} to ${most}`
  return z.int(remedy).min(least, remedy).max(most, remedy)
}
const milliseconds = whole(1, 2 ** 31 - 1)

const schema = z
  .strictObject({
    servers: z
      .union(
        [text, z.array(text).min(1)],
        'give the address of a server, such as nats://localhost:4222, or several',
      )
      .transform((servers) => (typeof servers === 'string' ? [servers] : servers)),
    token: text.optional(),
    user: text.optional(),
    pass: z.string('give a text').optional(),
    nkey: z
      .string()
      .regex(/^SU[A-Z2-7]+$/, 'give the seed of a user, which begins with SU')
      .optional(),
    credentials: text.optional(),
    tls: z
      .strictObject({ caFile: text.optional(), certFile: text.optional(), keyFile: text.optional() })
      .optional(),
    name: text.default('stigmergy'),
    connectMs: milliseconds.default(5_000),
    requestMs: milliseconds.default(5_000),
    replicas: whole(1, 5).optional(),
    storage: z.enum(['file', 'memory'], 'give file or memory').optional(),
    maxJournalBytes: whole(2 ** 16, Number.MAX_SAFE_INTEGER).optional(),
    maxQueuedFrames: whole(4, 2 ** 20).default(1_024),
    maxQueuedBytes: whole(2 ** 12, 2 ** 28).default(2 ** 22),
    maxInboundBytes: whole(2 ** 16, 2 ** 31).default(2 ** 25),
  })
  .refine(({ user, pass }) => pass === undefined || user !== undefined, {
    path: ['user'],
    error: 'give the user that the password is of',
  })
  .refine(({ tls }) => (tls?.certFile === undefined) === (tls?.keyFile === undefined), {
    path: ['tls'],
    error: 'give certFile and keyFile, or neither',
  })
  .refine(({ token, user, nkey, credentials }) => countOf([token, user, nkey, credentials]) < 2, {
    path: ['token'],
    error: 'give only one of token, user, nkey and credentials',
  })

/** Throws `STG_CONFIG_INVALID`, which names the option and says what it may be. */
export function settingsOf(options: NatsOptions): Settings {
  const { success, data, error } = schema.safeParse(options)
  if (success) return data
  const problems = error.issues.map(({ path, message, code, ...issue }) => {
    const field =
      code === 'unrecognized_keys' ? (issue as { keys: string[] }).keys.join(', ') : path.join('.')
    return { field: field === '' ? 'nats' : field, remedy: message }
  })
  const [{ field, remedy } = { field: 'nats', remedy: 'give options' }] = problems
  throw new StigmergyError('STG_CONFIG_INVALID', `The option ${field} of nats: ${remedy}.`, {
    details: { what: 'nats', field, problems: problems.map((each) => `${each.field}: ${each.remedy}`) },
  })
}

function countOf(values: readonly unknown[]): number {
  return values.filter((value) => value !== undefined).length
}
