import {
  connect,
  credsAuthenticator,
  errors,
  nkeyAuthenticator,
  type Authenticator,
  type ConnectionOptions,
  type NatsConnection,
} from '@nats-io/transport-node'
import {
  StigmergyError,
  type ClusterExchange,
  type ClusterMember,
  type ClusterOptions,
} from '@stigmergy/core'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Connection } from './connection.js'
import { NatsMember } from './member.js'
import { namesOf } from './names.js'
import { settingsOf, type NatsOptions, type Settings } from './options.js'
import { messageOf, unavailable } from './unavailable.js'

/** How soon a lost connection is tried to get back, and how soon one that is silent counts as lost, in ms. */
const reconnectMs = { wait: 100, jitter: 100 }
const ping = { intervalMs: 10_000, unanswered: 2 }

class NatsExchange implements ClusterExchange {
  readonly name = 'nats'
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  async join({ cluster, signal }: ClusterOptions): Promise<ClusterMember> {
    const names = namesOf(cluster)
    signal?.throwIfAborted()
    const nats = await connectTo(this.#settings)
    const connection = await Connection.over(nats, this.#settings.requestMs)
    const leave = (): void => void connection.close()
    signal?.addEventListener('abort', leave, { once: true })
    try {
      signal?.throwIfAborted()
      const member = randomBytes(16).toString('base64url')
      return await NatsMember.join(connection, names, this.#settings, member)
    } catch (error) {
      await connection.close()
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }
}

/** Joins machines to a cluster through servers of NATS with JetStream. Throws `STG_CONFIG_INVALID` for wrong options. */
export function nats(options: NatsOptions): ClusterExchange {
  return new NatsExchange(settingsOf(options))
}

async function connectTo(settings: Settings): Promise<NatsConnection> {
  const options = await connectionOptions(settings)
  try {
    return await connect(options)
  } catch (error) {
    throw refusalOf(error, settings)
  }
}

async function connectionOptions(settings: Settings): Promise<ConnectionOptions> {
  const { servers, token, user, pass, tls, name, connectMs } = settings
  const authenticator = await authenticatorOf(settings)
  return {
    servers,
    name,
    timeout: connectMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectMs.wait,
    reconnectJitter: reconnectMs.jitter,
    reconnectJitterTLS: reconnectMs.jitter,
    pingInterval: ping.intervalMs,
    maxPingOut: ping.unanswered,
    noAsyncTraces: true,
    ...(token === undefined ? {} : { token }),
    ...(user === undefined ? {} : { user }),
    ...(pass === undefined ? {} : { pass }),
    ...(tls === undefined ? {} : { tls: Object.fromEntries(Object.entries(tls)) }),
    ...(authenticator === undefined ? {} : { authenticator }),
  }
}

async function authenticatorOf({ nkey, credentials }: Settings): Promise<Authenticator | undefined> {
  if (nkey !== undefined) return nkeyAuthenticator(new TextEncoder().encode(nkey))
  if (credentials === undefined) return undefined
  try {
    return credsAuthenticator(await readFile(credentials))
  } catch (cause) {
    throw new StigmergyError(
      'STG_CONFIG_INVALID',
      `The option credentials of nats: the file ${credentials} cannot be read; give the path of a credentials file.`,
      { cause, details: { what: 'nats', field: 'credentials' } },
    )
  }
}

function refusalOf(error: unknown, { servers }: Settings): StigmergyError {
  const where = servers.join(', ')
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError)
    return unavailable(
      `The servers at ${where} do not let in who asks: see that the token, user, nkey or credentials file is right.`,
      error,
      false,
    )
  return unavailable(
    `No server of NATS answers at ${where} (${messageOf(error)}): see that one runs there, and how it wants connections encrypted.`,
    error,
  )
}
