import { Worker } from 'node:worker_threads'

/** Starts a TypeScript module in a thread. Node.js 20 takes no hooks for it from the main thread, so it gets its own. */
export function startThread(script: URL): Worker {
  const load = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(script.href)}) })`
  return new Worker(load, { eval: true, execArgv: [] })
}
