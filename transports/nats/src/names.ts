import { StigmergyError } from '@stigmergy/core'

/** What a cluster calls its things on the servers, so that several share them. */
export interface Names {
  /** The stream of the register, laid out as a key-value bucket. */
  readonly registerStream: string
  /** Matches the subjects of all that is in it. */
  readonly everyEntry: string
  readonly journalStream: string
  /** The subject of an entry of the register. */
  entry(kind: EntryKind, tail: string): string
  /** The subject of the records of a subject of the journal. */
  records(subject: string): string
  /** Where a member hears. */
  inbox(member: string): string
  /** What is heard there when nobody hears at `inbox` of this member. */
  missed(by: string, member: string): string
  /** Reads such a subject. */
  readMissed(subject: string): { readonly by: string; readonly member: string }
}

/** Entries of the register, addresses of endpoints, and how far subjects of the journal are trimmed. */
type EntryKind = 'entry' | 'address' | 'trim'

/** Throws `STG_CONFIG_INVALID` for a name that cannot be. */
export function namesOf(cluster: string): Names {
  if (!/^[\w-]{1,64}$/.test(cluster))
    throw new StigmergyError(
      'STG_CONFIG_INVALID',
      `The name of the cluster is ${JSON.stringify(cluster)}; give 1 to 64 letters, digits, - and _.`,
      { details: { what: 'cluster', field: 'cluster', value: cluster } },
    )
  return {
    registerStream: `KV_stigmergy-${cluster}`,
    everyEntry: `$KV.stigmergy-${cluster}.>`,
    journalStream: `stigmergy-${cluster}-journal`,
    entry: (kind, tail) => `$KV.stigmergy-${cluster}.${kind}.${tail}`,
    records: (subject) => `stigmergy.${cluster}.journal.${subject}`,
    inbox: (member) => `stigmergy.${cluster}.to.${member}`,
    missed: (by, member) => `stigmergy.${cluster}.missed.${by}.${member}`,
    readMissed: (subject) => {
      const [by = '', member = ''] = subject.split('.').slice(-2)
      return { by, member }
    },
  }
}

/** Throws a `TypeError` for a key, or a subject of the journal, that cannot be. */
export function checkKey(key: string): void {
  if (key.length > 512 || !/^[\w=-]+(\.[\w=-]+){0,7}$/.test(key))
    throw new TypeError(
      `${JSON.stringify(key)} is not 1 to 8 parts of letters, digits, -, _ and = with dots between.`,
    )
}

export function encodeAddress(address: string): string {
  return Buffer.from(address).toString('base64url')
}

export function decodeAddress(encoded: string): string {
  return Buffer.from(encoded, 'base64url').toString()
}
