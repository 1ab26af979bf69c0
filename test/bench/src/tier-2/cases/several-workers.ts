import { bullMq, comlink, piscina, postMessage, tinypool } from '../peers/index.js'

/** How many workers share the work, where several do. */
export const workerCount = 2

/** Those who can divide work among several workers. BullMQ has processes, the others threads. */
export const sharingPeers = [postMessage, piscina, tinypool, comlink, bullMq] as const
