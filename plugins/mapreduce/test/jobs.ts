import { bytes, byPrefix, count, fixed, json, lines, mapReduce, text } from '../src/index.js'

/** The lines by their first word, in any order within a word. */
const byFirstWord = {
  input: lines(),
  key: text,
  value: text,
  map: (line: string, emit: (key: string, value: string) => void) => emit(firstWordOf(line), line),
  reduce: (_word: string, all: Iterable<string>) => [...all].sort(),
}

export function firstWordOf(line: string): string {
  return line.split(' ', 1)[0]!
}

export const jobs = {
  hash: mapReduce('hash', byFirstWord),
  range: mapReduce('range', { ...byFirstWord, partition: 'range' }),
  own: mapReduce('own', {
    ...byFirstWord,
    partition: (word: string, partitions: number) => word.length % partitions,
  }),
}

/** How many lines begin with a word. */
export const counts = mapReduce('counts', {
  input: lines(),
  key: text,
  value: count,
  map: (line, emit) => emit(firstWordOf(line), 1),
  combine: (one, other) => one + other,
  reduce: (_word, all) => [...all].reduce((sum, each) => sum + each, 0),
  output: (word, total, write) => write(`${word}=${total}\n`),
})

/** Where lines begin. */
export const places = mapReduce('places', {
  input: lines(),
  key: text,
  value: json<readonly [file: string, offset: number]>(),
  map: (line, emit, { file, offset }) => emit(line, [file, offset]),
})

/** Records of four bytes by the first two. */
export const pairs = mapReduce('pairs', {
  input: fixed(4),
  key: bytes,
  value: bytes,
  map: byPrefix(2),
  partition: 'range',
})

/** Fails where a line tells it to. */
export const failing = mapReduce('failing', {
  input: lines(),
  key: text,
  value: count,
  map: (line, emit) => {
    if (line === 'map') throw new Error('map was told to')
    emit(line, 1)
  },
  combine: (one, other) => {
    if (one + other > 2) throw new Error('three are too many')
    return one + other
  },
  partition: (line, partitions) => (line === 'partition' ? partitions : 0),
  reduce: (line) => {
    if (line === 'reduce') throw new Error('reduce was told to')
    return line
  },
  output: (line, _result, write) => {
    if (line === 'output') throw new Error('output was told to')
    write(line)
  },
})

export const apps = [...Object.values(jobs), counts, places, pairs, failing].map(({ app }) => app)
