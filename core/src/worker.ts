// The program of a worker: joins the node, imports the apps, and runs what the home orders.
import { parentPort } from 'node:worker_threads'
import { serve } from './node/serve.js'

if (parentPort === null) serve(processPort())
else serve(parentPort)

/** The channel to the parent process, with the face of a message port. */
function processPort(): Parameters<typeof serve>[0] {
  // Without a parent there is nobody to work for.
  process.once('disconnect', () => process.exit())
  return {
    on: (_event, listener) => process.on('message', listener),
    postMessage: (message) => void process.send?.(message),
  }
}
