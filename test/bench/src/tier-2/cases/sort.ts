import { join } from 'node:path'
import { type Case, type Effort, ours, probe, type Subject } from '../../case.js'
import { type Command, runToEnd } from '../sort/run.js'
import { generation, gnuSort, ourSort, sortCheck, type SortFiles, type SortMeans } from '../sort/sorters.js'
import { workerCount } from './several-workers.js'

/** What is sorted, with what. */
export interface SortWork {
  readonly bytes: number
  readonly memoryBytes: number
  readonly workers: number
  readonly rounds: number
}

/** The name of the peer. */
export const gnu = 'GNU sort'

/** A gigabyte on two workers. */
export const sort = sortCase({ bytes: 1e9, memoryBytes: 256e6, workers: workerCount, rounds: 3 })

/**
 * The work: a program sorts a file of records, from its start to its end. Every output is checked, which is not part of the
 * figure; nor is what it takes to generate the file, for whoever comes first.
 */
export function sortCase(work: SortWork): Case {
  const own = (name: string, kind: 'thread' | 'process'): Subject =>
    sortSubject(name, work, (means, files) => ourSort(means, kind, files))
  return {
    name: 'sort',
    figure: `a program that sorts ${inWords(work)}, from its start to its end; also its resident memory`,
    unit: 'MB/s',
    rounds: work.rounds,
    warmUps: 0,
    long: true,
    subjects: [
      own(ours, 'thread'),
      // A single worker is the thread that starts it, whatever its kind.
      ...(work.workers > 1 ? [own(`${ours}, processes`, 'process')] : []),
      sortSubject(gnu, work, gnuSort),
    ],
  }
}

function inWords({ bytes, memoryBytes, workers }: SortWork): string {
  return `${bytes / 1e6} MB of records of 100 bytes, in ${memoryBytes / 1e6} MB on ${workers} ${workers === 1 ? 'worker' : 'workers'}`
}

function sortSubject(
  name: string,
  { workers, memoryBytes, bytes }: SortWork,
  commandOf: (means: SortMeans, files: SortFiles) => Command,
): Subject {
  return {
    name,
    open: (effort: Effort, scratch) => {
      const size = effort.size(bytes)
      const files = { input: join(scratch, 'records'), output: join(scratch, `sorted by ${name}`) }
      const command = commandOf({ workers, memoryBytes: effort.size(memoryBytes), temporary: scratch }, files)
      const peaks: number[] = []
      return {
        ...probe(async () => {
          for (const generate of generation(files.input, size)) await runToEnd(generate)
          const { ms, peakMemoryBytes } = await runToEnd(command)
          if (peakMemoryBytes !== undefined) peaks.push(peakMemoryBytes / 1e6)
          await runToEnd(sortCheck(files))
          return [size / 1e3 / ms]
        }),
        memory: () => peaks,
      }
    },
  }
}
