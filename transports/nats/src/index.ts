export { nats } from './exchange.js'
export type { NatsOptions, NatsTls } from './options.js'
