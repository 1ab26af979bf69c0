/** What the words of a worker in the load table of its node mean. */
export const LoadWords = {
  /** The run whose function is on the stack; 0 while none is. */
  Running: 0,
  /** Changes at least every few hundred ms while functions run and the event loop turns. */
  Beat: 1,
  /** Resident memory, in MiB. */
  MemoryMb: 2,
} as const
