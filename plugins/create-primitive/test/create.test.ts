import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { createPackage } from '../src/create.js'
import { namesFor } from '../src/names.js'
import { perform } from '../src/command.js'

async function emptyFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'create-primitive-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return folder
}

/** Runs the command; what it printed, and its exit code. */
async function run(...args: readonly string[]) {
  const printed: string[] = []
  const told: string[] = []
  const code = await perform(args, {
    print: (text) => printed.push(text),
    tell: (text) => told.push(text),
  })
  return { code, stdout: printed.join('\n'), stderr: told.join('\n') }
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

async function manifestOf(path: string | URL): Promise<Manifest> {
  return JSON.parse(await readFile(path, 'utf8')) as Manifest
}

test('all that is called after the template is called after the package', async (t) => {
  const folder = join(await emptyFolder(t), 'new/deep')
  const names = namesFor('@acme/trigger-every-nth')
  const files = await createPackage(folder, names, 2031)
  t.true(files.includes('.gitignore') && files.includes('src/index.ts'))
  for (const file of files) t.notRegex(await readFile(join(folder, file), 'utf8'), /my-?trigger/i, file)
  const source = await readFile(join(folder, 'src/index.ts'), 'utf8')
  for (const line of ["name: 'every-nth'", 'class EveryNth extends', 'function everyNth('])
    t.true(source.includes(line), line)
  t.is((await manifestOf(join(folder, 'package.json'))).name, '@acme/trigger-every-nth')
  t.regex(await readFile(join(folder, 'LICENSE'), 'utf8'), /^Copyright \(c\) 2031 the authors of @acme/m)
})

test('the folder is called as the package, without its scope, unless --dir names another', async (t) => {
  const folder = join(await emptyFolder(t), 'elsewhere')
  const { code, stdout } = await run('@acme/throttle', '--dir', folder)
  t.is(code, 0)
  t.regex(stdout, /^Made @acme\/throttle in .*elsewhere:\n {2}LICENSE\n/)
  t.regex(stdout, /npm install\n {2}npm test\n {2}npm run build$/)
  t.true((await readdir(folder)).includes('package.json'))
})

test('a folder with files is left as it is, and one with nothing but a repository counts as empty', async (t) => {
  const folder = await emptyFolder(t)
  await mkdir(join(folder, '.git'))
  t.is((await run('throttle', '--dir', folder)).code, 0)
  const { code, stderr } = await run('throttle', '--dir', folder)
  t.is(code, 1)
  t.regex(
    stderr,
    /is not empty: it has .*, … ?\. Name another folder with --dir, or empty it\.$|is not empty: it has /,
  )
  const file = join(folder, 'package.json')
  t.regex((await run('throttle', '--dir', file)).stderr, /package\.json cannot become the package/)
})

for (const [name, reason] of [
  ['', /is no name of an npm package/],
  ['My-Trigger', /is no name of an npm package/],
  ['my trigger', /is no name of an npm package/],
  ['../escape', /is no name of an npm package/],
  ['.hidden', /is no name of an npm package/],
  ['@acme', /is no name of an npm package/],
  ['@acme/a/b', /is no name of an npm package/],
  ['x'.repeat(215), /has 215 characters; npm takes 214/],
  ['fs', /npm takes no package called fs/],
  ['node_modules', /npm takes no package called node_modules/],
  ['3d', /the primitive would be called 3d/],
  ['a--b', /the primitive would be called a--b/],
  ['trigger-new', /its class and function would be called New and new/],
  ['trigger', /its class and function would be called Trigger and trigger/],
] as const)
  test(`the name ${JSON.stringify(name.slice(0, 20))} is refused, and nothing is made`, async (t) => {
    const folder = await emptyFolder(t)
    const { code, stdout, stderr } = await run(name, '--dir', join(folder, 'made'))
    t.is(code, 2)
    t.is(stdout, '')
    t.regex(stderr, reason)
    t.deepEqual(await readdir(folder), [])
  })

test('names that the template imports are refused', async (t) => {
  const source = await readFile(new URL('../template/src/index.ts', import.meta.url), 'utf8')
  const imports = source.matchAll(/^import (?:type )?\{ (.*) \} from/gm)
  const imported = new Set(Array.from(imports, ([, names = '']) => names.split(', ')).flat())
  t.true(imported.size > 5)
  for (const name of imported) {
    const kebab = name.replaceAll(/(?<=.)[A-Z]/g, '-$&').toLowerCase()
    t.throws(() => namesFor(`stigmergy-trigger-${kebab}`), { message: /one is taken/ }, name)
  }
})

test('a wrong call says how to call it, and --help is no error', async (t) => {
  const folder = await emptyFolder(t)
  for (const args of [[], ['a', 'b'], ['a', '--force'], ['a', '--dir']]) {
    const { code, stderr } = await run(...args)
    t.is(code, 2)
    t.regex(stderr, /^error: .*\n\nUsage: npm create stigmergy-primitive/)
  }
  await writeFile(join(folder, 'x'), '')
  const { code, stdout, stderr } = await run('--help')
  t.is(code, 0)
  t.is(stderr, '')
  t.regex(stdout, /^Usage: npm create stigmergy-primitive <name>/)
})

test('the template asks for the versions of this repository, and for what its other packages ask for', async (t) => {
  const template = await manifestOf(new URL('../template/manifest.json', import.meta.url))
  const root = new URL('../../../', import.meta.url)
  for (const [name, folder] of [
    ['@stigmergy/core', 'core'],
    ['@stigmergy/conformance', 'test/conformance'],
    ['stigmergy', 'stigmergy'],
  ] as const) {
    const { version } = await manifestOf(new URL(`${folder}/package.json`, root))
    t.is(template.devDependencies?.[name], `^${version}`)
  }
  t.is(template.peerDependencies?.['@stigmergy/core'], template.devDependencies?.['@stigmergy/core'])
})
