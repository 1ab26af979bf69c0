import type { Peer } from './pool.js'
import { redisServer } from './redis-server.js'

// A peer is loaded where it is measured, so that no other subject has to start with it.

export const postMessage: Peer = {
  name: 'postMessage',
  open: async (workers) => (await import('./post-message.js')).openPostMessage(workers),
}

export const childIpc: Peer = {
  name: 'child-process IPC',
  open: async (workers) => (await import('./child-ipc.js')).openChildIpc(workers),
}

export const unixSocket: Peer = {
  name: 'unix socket',
  open: async (workers, scratch) => (await import('./unix-socket.js')).openUnixSocket(workers, scratch),
}

export const piscina: Peer = {
  name: 'piscina',
  open: async (workers) => (await import('./piscina.js')).openPiscina(workers),
}

export const tinypool: Peer = {
  name: 'tinypool',
  open: async (workers) => (await import('./tinypool.js')).openTinypool('worker_threads', workers),
}

export const tinypoolProcesses: Peer = {
  name: 'tinypool, processes',
  open: async (workers) => (await import('./tinypool.js')).openTinypool('child_process', workers),
}

export const comlink: Peer = {
  name: 'comlink',
  open: async (workers) => (await import('./comlink.js')).openComlink(workers),
}

/** Only for one worker. */
export const atomics: Peer = {
  name: 'Atomics.wait and notify',
  open: async () => (await import('./atomics.js')).openAtomics(),
}

/** Only for one worker, and for the task `arrive`. */
export const wakeUp = {
  thread: {
    name: 'FIFO and uv_poll',
    open: async (_workers, scratch) => (await import('./wake-up.js')).openWakeUp('thread', scratch),
  },
  process: {
    name: 'FIFO and uv_poll',
    open: async (_workers, scratch) => (await import('./wake-up.js')).openWakeUp('process', scratch),
  },
} satisfies Record<string, Peer>

export const bullMq: Peer = {
  name: 'BullMQ on Redis',
  missing: () => (redisServer() === undefined ? 'there is no redis-server in PATH' : undefined),
  open: async (workers, scratch) => (await import('./bullmq.js')).openBullMq(workers, scratch),
}
