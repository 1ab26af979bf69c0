import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Names } from './names.js'

const template = fileURLToPath(new URL('../template/', import.meta.url))

/** A folder that cannot become a package. */
class FolderRefused extends Error {
  override readonly name = 'FolderRefused'
}

/** Makes a package in a folder that is missing or empty; gives the paths of its files. Rejects with `FolderRefused`. */
export async function createPackage(folder: string, names: Names, year: number): Promise<readonly string[]> {
  await checkEmpty(folder)
  const paths = (await filesUnder(template)).sort()
  for (const path of paths) {
    const text = await readFile(join(template, path), 'utf8')
    await write(
      join(folder, targetOf(path)),
      renamed(text, names).replace(/(?<=^Copyright \(c\) )\d+/m, String(year)),
    )
  }
  return paths.map(targetOf)
}

/** A repository without files counts as empty. */
async function checkEmpty(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new FolderRefused(`${folder} cannot become the package: ${error.message}`)
  })
  const files = found.filter((name) => name !== '.git').sort()
  if (files.length === 0) return
  const some = files.slice(0, 3).join(', ')
  const more = files.length > 3 ? ', …' : ''
  throw new FolderRefused(
    `${folder} is not empty: it has ${some}${more}. Name another folder with --dir, or empty it.`,
  )
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length))
}

/** Files that stand in the template under other names: npm and its tools take them for those of this package. */
const renamedFiles: ReadonlyMap<string, string> = new Map([
  ['gitignore', '.gitignore'],
  ['manifest.json', 'package.json'],
])

function targetOf(path: string): string {
  return renamedFiles.get(path) ?? path
}

/** The template is a package itself, called `my-trigger`. */
function renamed(text: string, { packageName, primitive, className, functionName }: Names): string {
  return text
    .replaceAll("name: 'my-trigger'", `name: '${primitive}'`)
    .replaceAll('my-trigger', packageName)
    .replaceAll('MyTrigger', className)
    .replaceAll('myTrigger', functionName)
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
