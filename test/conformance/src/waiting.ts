/** Waits until `condition` holds, and throws when it does not within `deadlineMs`. */
export async function until(
  condition: () => boolean,
  deadlineMs: number,
  what: string | (() => string),
): Promise<void> {
  const end = performance.now() + deadlineMs
  while (!condition()) {
    if (performance.now() > end) throw late(what, deadlineMs)
    await turn()
  }
}

/** What `promise` gives, or an error when it gives nothing within `deadlineMs`. */
export async function within<Value>(
  promise: Promise<Value>,
  deadlineMs: number,
  what: string | (() => string),
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late(what, deadlineMs)), deadlineMs)
  })
  try {
    return await Promise.race([promise, deadline])
  } finally {
    clearTimeout(timer)
  }
}

/** Lets everything run that is ready to run: timers, I/O and callbacks. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Lets a few turns pass: time for something to happen that must not. */
export async function turns(count = 5): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) await turn()
}

function late(what: string | (() => string), deadlineMs: number): Error {
  return new Error(`${typeof what === 'string' ? what : what()} did not happen within ${deadlineMs} ms`)
}
