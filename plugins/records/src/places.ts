import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

/** A folder that is removed in the end, with whatever is in it. */
export class TemporaryFolder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async in(parent: string, prefix: string): Promise<TemporaryFolder> {
    return new TemporaryFolder(await mkdtemp(join(resolve(parent), prefix)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Whoever was given up may still be about to write.
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Lets `write` have a folder for its files. They are in the folder at `path` when it has ended; nothing is if it fails. */
export async function intoFolder<T>(path: string, write: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(path, { recursive: true })
  await using unfinished = await TemporaryFolder.in(path, '.unfinished-')
  const result = await write(unfinished.path)
  for (const file of await readdir(unfinished.path))
    await rename(join(unfinished.path, file), join(path, file))
  return result
}

/** Lets `write` fill an empty file. It is the file at `path` when that has ended; if it fails, what was there stays. */
export async function intoFile<T>(path: string, write: (file: string) => Promise<T>): Promise<T> {
  await using unfinished = await TemporaryFolder.in(dirname(resolve(path)), '.unfinished-')
  const file = join(unfinished.path, basename(path))
  await writeFile(file, '')
  const result = await write(file)
  await rename(file, path)
  return result
}
