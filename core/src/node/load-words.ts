/** What the words of a worker in the load table of its node mean. */
export const LoadWords = {
  /** Functions that have begun since the worker joined: known also when the worker has no time left to say so. */
  Begun: 0,
  /** Changes at least every few hundred ms while functions run and the event loop turns. */
  Beat: 1,
  /** Resident memory, in MiB. */
  MemoryMb: 2,
} as const
