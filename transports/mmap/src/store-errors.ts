import { StigmergyError, type StoreUsage } from '@stigmergy/core'

export function closed(): StigmergyError {
  return new StigmergyError('STG_CLOSED', 'This window on the object store has been closed.')
}

export function released(): StigmergyError {
  return new StigmergyError('STG_STORE_RELEASED', 'The last hold on this value has been released.')
}

export function tooLarge(bytes: number, limitBytes: number): StigmergyError {
  const message = `${bytes} bytes are more than the whole store of ${limitBytes} bytes; raise limitBytes, or put parts.`
  return new StigmergyError('STG_STORE_FULL', message, { details: { bytes, limitBytes } })
}

export function full(bytes: number, { bytes: usedBytes, ...usage }: StoreUsage): StigmergyError {
  const message =
    `No room for ${bytes} bytes: ${usedBytes} of ${usage.limitBytes} are in use, and nothing was released in time. ` +
    'Raise limitBytes, let values spill to the disk, or hold fewer of them at one time.'
  return new StigmergyError('STG_STORE_FULL', message, {
    retryable: true,
    details: { bytes, usedBytes, ...usage },
  })
}

/** The limit of the store would allow it, and the machine does not. */
export function noMemory(bytes: number, directory: string): StigmergyError {
  const message =
    `The file system of ${directory} has no room for ${bytes} bytes that other workers are to read. ` +
    'Give it more room (a container: --shm-size), choose another with the option directory, or lower limitBytes.'
  return new StigmergyError('STG_STORE_FULL', message, { retryable: true, details: { bytes, directory } })
}

export function wrongBlock(file: string): StigmergyError {
  const message = `The file ${file} says of a value what cannot be.`
  return new StigmergyError('STG_STORE_CORRUPT', message, { details: { file } })
}
