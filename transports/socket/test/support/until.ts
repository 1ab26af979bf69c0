/** Waits until the condition holds; throws when it does not within ten seconds. */
export async function until(condition: () => boolean, what = String(condition)): Promise<void> {
  const end = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what} did not come to hold`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
