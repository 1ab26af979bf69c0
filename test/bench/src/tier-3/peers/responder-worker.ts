import { connect } from '@nats-io/transport-node'
import { sharedNow } from '../../shared-clock.js'

/** Answers requests with the time at which they come, until whoever has started it is gone. */
const [servers] = process.argv.slice(2)
const connection = await connect({ servers: servers ?? '' })
connection.subscribe('hop', { callback: (_error, message) => void message.respond(String(sharedNow())) })
await connection.flush()
process.on('disconnect', () => process.exit())
process.send?.('ready')
