export { socket } from './node.js'
export type { SocketOptions } from './options.js'
