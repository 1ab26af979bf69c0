import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** A fenced block of a document. */
export interface Block {
  /** Of its first line, counted from 1. */
  readonly line: number
  readonly language: string
  /** Its file: what stands behind the language (`json package.json`), or in a first line such as `// orders.ts`. */
  readonly name: string | undefined
  /** Without the line that names it. */
  readonly text: string
}

/** A block as a file. Files of one set find each other. */
export interface DocumentFile {
  readonly line: number
  readonly set: number
  readonly path: string
  readonly text: string
  /** What the file prints when it is run, as the `text` block behind it shows; `…` stands for any text. */
  readonly prints: string | undefined
}

/** The READMEs of the root, of core and of `stigmergy`, and all of `docs`. */
export function documents(): readonly string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  return ['README.md', 'core/README.md', 'stigmergy/README.md', ...docs.map((name) => `docs/${name}`)]
}

/** A command of a `console` block, and what it prints; `…` stands for any text. */
export interface DocumentCommand {
  readonly line: number
  /** The set of files that it runs among. */
  readonly set: number
  readonly command: string
  readonly prints: string
}

/** A file of the repository. */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The fenced blocks of a document, in order. */
export function blocksOf(markdown: string): readonly Block[] {
  const fences = markdown.matchAll(/^(`{3,})(\w*) ?(.*)\n([^]*?)^\1$/gm)
  return Array.from(fences, ({ index, 2: language = '', 3: note = '', 4: text = '' }) => {
    const [heading = '', named] = /^\/\/ ([\w./-]+\.ts)\n\n?/.exec(text) ?? []
    const line = markdown.slice(0, index).split('\n').length + 1
    return { line, language, name: note === '' ? named : note, text: text.slice(heading.length) }
  })
}

/** The modules and other files of a document. As for the compiler, a second block of one name begins a new set. */
export function filesOf(markdown: string): readonly DocumentFile[] {
  const blocks = blocksOf(markdown)
  const paths = new Set<string>()
  let set = 1
  return blocks.flatMap(({ line, language, name, text }, at) => {
    if (language !== 'ts' && name === undefined) return []
    const path = name ?? `line-${line}.ts`
    if (paths.has(path)) {
      set += 1
      paths.clear()
    }
    paths.add(path)
    const next = blocks[at + 1]
    const prints = language === 'ts' && next?.language === 'text' ? next.text : undefined
    return [{ line, set, path, text, prints }]
  })
}

/** The commands of a document, in order. They run among the files that stand before them. */
export function commandsOf(markdown: string): readonly DocumentCommand[] {
  const files = filesOf(markdown)
  const blocks = blocksOf(markdown).filter(({ language }) => language === 'console')
  return blocks.flatMap(({ line, text }) => {
    const set = files.findLast((file) => file.line < line)?.set ?? 1
    const parts = text.split(/^\$ /m).slice(1)
    return parts.map((part) => {
      const [command = '', ...prints] = part.split('\n')
      return { line, set, command, prints: prints.join('\n') }
    })
  })
}

/** The commands of a document that are not in `console` blocks. */
export function shownCommandsOf(markdown: string): readonly string[] {
  return blocksOf(markdown).flatMap(({ language, text }) => {
    const lines = text.split('\n').filter((line) => line !== '')
    if (language === 'sh') return lines
    return language === 'text' ? lines.flatMap((line) => /^\$ (.*)$/.exec(line)?.[1] ?? []) : []
  })
}

/** Writes the files into a folder, each set into one of its own, where they find the packages of the repository. */
export async function unpack(files: readonly DocumentFile[], folder: string): Promise<void> {
  for (const set of new Set([1, ...files.map(({ set }) => set)])) await beginSet(join(folder, String(set)))
  for (const { set, path, text } of files) await write(join(folder, String(set), path), text)
}

/** Whether the output is what the document shows. */
export function matches(output: string, shown: string): boolean {
  const parts = shown.trim().split('…')
  const pattern = parts.map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)).join('[^]*')
  return new RegExp(`^${pattern}$`).test(output.trim())
}

/** What the document links to inside the repository. */
export function linksOf(markdown: string): readonly string[] {
  const links = Array.from(markdown.matchAll(/\]\(([^)#\s]+)/g), ([, target = '']) => target)
  return links.filter((target) => !target.includes('://'))
}

/** The source files that the document names in code, such as `bucket/bucket.ts`. */
export function sourcesOf(markdown: string): readonly string[] {
  return Array.from(markdown.matchAll(/`([\w-]+(?:\/[\w-]+)*\.ts)`/g), ([, path = '']) => path)
}

/** The first two cells of each row whose first cell is a word in code. */
export function rowsOf(markdown: string): readonly (readonly [string, string])[] {
  const rows = markdown.matchAll(/^\| `([\w.]+)` +\| (.*?) +\|/gm)
  return Array.from(rows, ([, name = '', text = '']) => [name, text])
}

const manifest = {
  type: 'module',
  ava: { extensions: { ts: 'module' }, nodeArguments: ['--import=tsx'], workerThreads: false },
}

async function beginSet(folder: string): Promise<void> {
  await write(join(folder, 'package.json'), JSON.stringify(manifest))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
