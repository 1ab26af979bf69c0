import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream'
import { StigmergyError } from '@stigmergy/core'
import { apiCodeOf, type Connection } from './connection.js'
import type { Names } from './names.js'
import type { Settings } from './options.js'

/** Numbers of errors of JetStream. */
const streamNotFound = 10_059
const streamNameInUse = 10_058

/** For so long the journal knows the ids of its records, in ns. */
const duplicateWindow = 120_000_000_000

/** What makes a stream the one that is needed. */
type Nature = Pick<StreamConfig, 'name' | 'subjects' | 'max_msgs_per_subject' | 'duplicate_window'>

/** Creates what a cluster keeps on the servers, or checks what is there. Throws `STG_CONFIG_INVALID` for what cannot be used. */
export async function provideStreams(
  connection: Connection,
  names: Names,
  settings: Settings,
): Promise<void> {
  const shared = { max_age: 0, max_msgs: -1, allow_direct: false, duplicate_window: duplicateWindow }
  await provide(connection, settings, {
    ...shared,
    name: names.registerStream,
    subjects: [names.everyEntry],
    max_msgs_per_subject: 1,
  })
  const journal = await provide(connection, settings, {
    ...shared,
    name: names.journalStream,
    subjects: [names.records('>')],
    max_msgs_per_subject: -1,
    max_bytes: settings.maxJournalBytes ?? -1,
  })
  const { maxJournalBytes } = settings
  if (maxJournalBytes !== undefined && journal.max_bytes !== -1 && journal.max_bytes < maxJournalBytes)
    await connection.call('write', () =>
      connection.manager.streams.update(names.journalStream, { max_bytes: maxJournalBytes }),
    )
}

async function provide(
  connection: Connection,
  settings: Settings,
  wanted: Nature & Partial<StreamConfig>,
): Promise<StreamConfig> {
  const config = (await find(connection, wanted.name)) ?? (await create(connection, settings, wanted))
  checkUsable(config, settings, wanted)
  return config
}

async function find(connection: Connection, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await connection.call('read', () => connection.manager.streams.info(name))).config
  } catch (error) {
    if (apiCodeOf(error) === streamNotFound) return undefined
    throw error
  }
}

async function create(
  connection: Connection,
  { storage = 'file', replicas = 1 }: Settings,
  wanted: Nature & Partial<StreamConfig>,
): Promise<StreamConfig> {
  const config = {
    ...wanted,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    storage: storage === 'file' ? StorageType.File : StorageType.Memory,
    num_replicas: replicas,
    allow_rollup_hdrs: true,
  }
  try {
    return (await connection.call('write', () => connection.manager.streams.add(config))).config
  } catch (error) {
    // Somebody else was faster, with other options.
    const found = apiCodeOf(error) === streamNameInUse ? await find(connection, wanted.name) : undefined
    if (found === undefined) throw error
    return found
  }
}

function checkUsable(config: StreamConfig, { storage, replicas }: Settings, wanted: Nature): void {
  const { name } = wanted
  const nature: readonly (keyof Nature)[] = ['subjects', 'max_msgs_per_subject', 'duplicate_window']
  const differing = nature.filter((field) => JSON.stringify(config[field]) !== JSON.stringify(wanted[field]))
  if (differing.length > 0 || config.retention !== RetentionPolicy.Limits || config.max_age > 0)
    throw unusable(
      `The stream ${name} on the servers is not what a cluster needs (${[...differing, 'retention', 'max_age'].join(', ')}); ` +
        'choose another name for the cluster, or remove the stream.',
      { stream: name },
    )
  if (storage !== undefined && storage !== config.storage)
    throw unusable(
      `The option storage is ${storage}, but the stream ${name} is kept in ${config.storage}; leave the option out, or move the stream.`,
      { field: 'storage', stream: name },
    )
  if (replicas !== undefined && replicas !== config.num_replicas)
    throw unusable(
      `The option replicas is ${replicas}, but the stream ${name} has ${config.num_replicas}; leave the option out, or change the stream.`,
      { field: 'replicas', stream: name },
    )
}

function unusable(message: string, details: Readonly<Record<string, unknown>>): StigmergyError {
  return new StigmergyError('STG_CONFIG_INVALID', message, { details: { what: 'nats', ...details } })
}
