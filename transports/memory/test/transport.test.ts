import { reflect, testTransport } from '@stigmergy/conformance'
import test from 'ava'
import { MemoryNetwork, MemoryTransport } from '../src/index.js'

testTransport(test, {
  name: 'memory',
  create: async () => {
    const network = new MemoryNetwork()
    const far = new MemoryTransport({ network })
    const { address } = await reflect(far, 'reflector')
    const transports = [new MemoryTransport({ network }), new MemoryTransport({ network })] as const
    return { transports, reflector: address, dispose: () => far.close() }
  },
})
