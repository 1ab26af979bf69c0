export { mmap } from './node.js'
export type { MmapOptions } from './options.js'
