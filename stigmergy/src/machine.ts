import { type NodeExchange, StigmergyError } from '@stigmergy/core'

/** Joins workers by `mapped` where the machine can, else by `copying`, and warns of that once. */
export function machine(mapped: NodeExchange, copying: NodeExchange): NodeExchange {
  let hasWarned = false
  return {
    name: 'machine',
    found: async (options) => {
      try {
        return await mapped.found(options)
      } catch (error) {
        if (!StigmergyError.is(error, 'STG_NODE_UNAVAILABLE')) throw error
        if (!hasWarned) warn(mapped, copying, error)
        hasWarned = true
        return copying.found(options)
      }
    },
  }
}

function warn(mapped: NodeExchange, copying: NodeExchange, { message }: StigmergyError): void {
  process.emitWarning(
    `Workers cannot share memory through ${mapped.name}: ${message} ` +
      `Values are copied through ${copying.name} instead, which is slower for large ones.`,
    {
      type: 'StigmergyWarning',
      detail:
        'To share memory, install the optional package koffi for this platform: npm install koffi. ' +
        `To copy without this warning, say so in the config: transports: { node: ${copying.name}() }.`,
    },
  )
}
