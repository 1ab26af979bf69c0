/** An error that nobody takes goes where every uncaught error goes, and stops no delivery. */
export function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
