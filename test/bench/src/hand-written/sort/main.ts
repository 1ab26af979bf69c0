import { parseArgs } from 'node:util'
import { sort } from './sort.js'

const { values } = parseArgs({
  options: {
    input: { type: 'string', default: '' },
    output: { type: 'string', default: '' },
    temporary: { type: 'string', default: '' },
    memory: { type: 'string', default: '' },
    workers: { type: 'string', default: '1' },
    kind: { type: 'string', default: 'thread' },
  },
})

await sort({
  input: values.input,
  output: values.output,
  temporary: values.temporary,
  memoryBytes: Number(values.memory),
  workers: { kind: values.kind === 'process' ? 'process' : 'thread', count: Number(values.workers) },
  signal: new AbortController().signal,
  onProgress: () => undefined,
})
