import { json, lines, mapReduce, text } from '@stigmergy/mapreduce'

/** In which files a word occurs, and in how many lines of each; in the order of the files' names. */
export type Postings = readonly (readonly [file: string, lines: number])[]

/** The words of a line: runs of letters and digits in lower case. */
export function wordsOf(line: string): ReadonlySet<string> {
  return new Set((line.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.toLowerCase()))
}

/** Lists, for each word, where it occurs. Words come in order, because ranges of them are the partitions. */
export const invertedIndex = mapReduce('inverted-index', {
  input: lines(),
  key: text,
  value: json<Postings>(),
  map: (line, emit, { file }) => {
    for (const word of wordsOf(line)) emit(word, [[file, 1]])
  },
  combine: (one, other) => united([one, other]),
  partition: 'range',
  reduce: (_word, all) => united(all),
  output: (word, postings, write) => {
    write(`${word}\t${postings.map(([file, lines]) => `${file}:${lines}`).join('\t')}\n`)
  },
})

function united(all: Iterable<Postings>): Postings {
  const linesOf = new Map<string, number>()
  for (const postings of all)
    for (const [file, lines] of postings) linesOf.set(file, (linesOf.get(file) ?? 0) + lines)
  return [...linesOf].sort(([one], [other]) => (one < other ? -1 : 1))
}
