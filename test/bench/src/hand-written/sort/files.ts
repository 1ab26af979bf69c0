import { open, type FileHandle } from 'node:fs/promises'

/** Fills `bytes` from a place in a file. Throws if the file ends before. */
export async function readAt(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, at + done)
    if (bytesRead === 0) throw new Error('A file became shorter while it was read')
    done += bytesRead
  }
}

/** Writes all of `bytes` to a place in a file. */
export async function writeAt(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten
}

/** Opens a file for what `use` does with it, and closes it. */
export async function withFile<T>(
  path: string,
  flags: 'r' | 'r+' | 'w' | 'w+',
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}
