import type { NatsConnection } from '@nats-io/transport-node'
import { unavailable } from './unavailable.js'

/** The oldest servers that do what a cluster needs. */
const oldest = [2, 9] as const

/** What the largest value of the register needs, with what comes along. */
const leastPayloadBytes = 2 ** 17

/** Throws `STG_CLUSTER_UNAVAILABLE` for a server that cannot serve a cluster. */
export function checkServer({ info }: NatsConnection): void {
  if (info === undefined) return
  const [major = 0, minor = 0] = info.version.split('.').map(Number)
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1]))
    throw unavailable(
      `The server ${info.server_name} is of version ${info.version}: a cluster needs servers from ${oldest.join('.')} on.`,
      undefined,
      false,
    )
  if (info.max_payload < leastPayloadBytes)
    throw unavailable(
      `The server ${info.server_name} takes messages of up to ${info.max_payload} bytes: set its max_payload to ${leastPayloadBytes} at least.`,
      undefined,
      false,
    )
}
