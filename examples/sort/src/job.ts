import { byPrefix, bytes, fixed, mapReduce } from '@stigmergy/mapreduce'
import { keyBytes, recordBytes } from './record.js'

/** Sorts records: a range of keys is a partition, and nothing is done to it but what is done to every partition. */
export const sortJob = mapReduce('sort', {
  input: fixed(recordBytes),
  key: bytes,
  value: bytes,
  map: byPrefix(keyBytes),
  partition: 'range',
})
